import { app } from '@azure/functions';
import { failuresQuery } from '../shared/api/queries.ts';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { reportResponse } from '../shared/http/lineReport.ts';
import { failureLines } from '../shared/http/reportLines.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { queryOf } from '../shared/http/requestRules.ts';
import { readReport } from '../shared/run/report.ts';

/** Responds with one line for each device and module that failed or is blocked, with advice, as NDJSON or CSV. */
export const getFailures = httpHandler(
  async (request) => {
    const services = await appHost().app();
    const { format, ...filter } = queryOf(request, failuresQuery);
    const run = await runOf(services, request);
    return reportResponse(request, format, {
      lines: failureLines(await readReport(services.documents, run, 'failures'), filter),
      columns: ['deviceId', 'moduleId', 'outcome', 'reason', 'advice'],
      fileName: `${run.hub}-${run.runId}-failures`,
    });
  },
  { query: failuresQuery },
);

app.http('getFailures', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/failures',
  authLevel: 'function',
  handler: getFailures,
});
