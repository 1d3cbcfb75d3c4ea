import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { readReport } from '../shared/run/report.ts';

/** Responds with one JSON line for each device and module that a tag exempts or has exempted; an empty body if there is none. */
export const getExemptions = httpHandler(async (request) => {
  const services = await appHost().app();
  const body = await readReport(services.documents, await runOf(services, request), 'exemptions');
  return { headers: { 'content-type': 'application/x-ndjson' }, body };
});

app.http('getExemptions', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/exemptions',
  authLevel: 'function',
  handler: getExemptions,
});
