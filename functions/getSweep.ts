import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';

/** Responds with one run. */
export const getSweep = httpHandler(async (request) => ({
  jsonBody: runView(await runOf(await appHost().app(), request)),
}));

app.http('getSweep', { methods: ['GET'], route: 'sweeps/{hub}/{runId}', authLevel: 'function', handler: getSweep });
