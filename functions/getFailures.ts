import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { failuresPath } from '../shared/run/run.ts';

/** Responds with one JSON line for each device and module that failed or is blocked; an empty body if there is none. */
export const getFailures = httpHandler(async (request) => {
  const services = await appHost().app();
  const { hub, runId, checkpoint } = await runOf(services, request);
  const text = (await services.documents.readText(failuresPath(hub, runId))) ?? '';
  // A worker that crashed may have written more lines than its checkpoint counts: do not return those.
  const body = Buffer.from(text).subarray(0, checkpoint.failureBytes).toString('utf8');
  return { headers: { 'content-type': 'application/x-ndjson' }, body };
});

app.http('getFailures', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/failures',
  authLevel: 'function',
  handler: getFailures,
});
