import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';

export const getSweep = answer(async (request) => ({ jsonBody: runView(await runOf(await appHost().app(), request)) }));

app.http('getSweep', { methods: ['GET'], route: 'sweeps/{hub}/{runId}', authLevel: 'function', handler: getSweep });
