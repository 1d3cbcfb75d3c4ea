import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';
import { withWaitingFor } from '../shared/run/whyQueued.ts';

/** Responds with one run as of its last checkpoint. */
export const getSweep = httpHandler(async (request) => {
  const services = await appHost().app();
  return { jsonBody: runView(await withWaitingFor(services, await runOf(services, request))) };
});

app.http('getSweep', { methods: ['GET'], route: 'sweeps/{hub}/{runId}', authLevel: 'function', handler: getSweep });
