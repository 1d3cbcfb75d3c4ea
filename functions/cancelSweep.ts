import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';
import { cancelRun } from '../shared/worker/runs.ts';

/** Ends a run before the next hub call; one that has ended already is answered as it is. */
export const cancelSweep = answer(async (request, log) => {
  const services = await appHost().app();
  const found = await runOf(services, request);
  const run = (await cancelRun(services, found.hub, found.runId)) ?? found;
  log.info('Run cancelled', { hub: run.hub, runId: run.runId, status: run.status });
  await services.rings.ring(run.hub, 0); // another run may have moved up
  return { jsonBody: runView(run) };
});

app.http('cancelSweep', {
  methods: ['DELETE'],
  route: 'sweeps/{hub}/{runId}',
  authLevel: 'function',
  handler: cancelSweep,
});
