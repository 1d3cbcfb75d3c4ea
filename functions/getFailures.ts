import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { readReport } from '../shared/run/report.ts';

/** Responds with one JSON line for each device and module that failed or is blocked; an empty body if there is none. */
export const getFailures = httpHandler(async (request) => {
  const services = await appHost().app();
  const body = await readReport(services.documents, await runOf(services, request), 'failures');
  return { headers: { 'content-type': 'application/x-ndjson' }, body };
});

app.http('getFailures', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/failures',
  authLevel: 'function',
  handler: getFailures,
});
