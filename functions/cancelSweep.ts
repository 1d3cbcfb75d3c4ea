import { app } from '@azure/functions';
import type { RunAnswer } from '../shared/api/runSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { recordRunEnded } from '../shared/run/recordRun.ts';
import { isLive } from '../shared/run/run.ts';
import { cancelRun } from '../shared/run/runStore.ts';
import { runView } from '../shared/run/runView.ts';

/**
 * Cancels a run and responds with it; a run that has already ended is returned unchanged. The worker checks the run document
 * before its calls to the hub, at most once a second, so it stops about a second after the cancellation.
 */
export const cancelSweep = httpHandler(async (request, log) => {
  const services = await appHost().app();
  const found = await runOf(services, request);
  const run = (await cancelRun(services, found.hub, found.runId)) ?? found;
  if (isLive(found) && run.status === 'cancelled') {
    log.info('Run cancelled', { hub: run.hub, runId: run.runId });
    recordRunEnded(services.telemetry, run);
  }
  await services.wakeUps.send(run.hub, 0); // a queued run may have become the active one
  return answer<RunAnswer>(runView(run));
});

app.http('cancelSweep', {
  methods: ['DELETE'],
  route: 'sweeps/{hub}/{runId}',
  authLevel: 'function',
  handler: cancelSweep,
});
