import { app } from '@azure/functions';
import type { RunAnswer } from '../shared/api/runSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/run/runView.ts';
import { withWaitingFor } from '../shared/run/whyQueued.ts';

/** Responds with one run as of its last checkpoint. */
export const getSweep = httpHandler(async (request) => {
  const services = await appHost().app();
  return answer<RunAnswer>(runView(await withWaitingFor(services, await runOf(services, request))));
});

app.http('getSweep', { methods: ['GET'], route: 'sweeps/{hub}/{runId}', authLevel: 'function', handler: getSweep });
