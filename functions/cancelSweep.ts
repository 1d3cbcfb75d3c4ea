import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';
import { recordRunEnded } from '../shared/run/recordRun.ts';
import { isLive } from '../shared/run/run.ts';
import { cancelRun } from '../shared/run/runStore.ts';

/**
 * Ends a run; one that has ended already is answered as it is. Its worker hears of it before a further hub call, or
 * within a second, since that is how often it looks at most.
 */
export const cancelSweep = answer(async (request, log) => {
  const services = await appHost().app();
  const found = await runOf(services, request);
  const run = (await cancelRun(services, found.hub, found.runId)) ?? found;
  if (isLive(found) && run.status === 'cancelled') {
    log.info('Run cancelled', { hub: run.hub, runId: run.runId });
    recordRunEnded(services.telemetry, run);
  }
  await services.wakeUps.send(run.hub, 0); // another run may have moved up
  return { jsonBody: runView(run) };
});

app.http('cancelSweep', {
  methods: ['DELETE'],
  route: 'sweeps/{hub}/{runId}',
  authLevel: 'function',
  handler: cancelSweep,
});
