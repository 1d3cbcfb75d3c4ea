import { app } from '@azure/functions';
import { exemptionsQuery } from '../shared/api/queries.ts';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { reportResponse } from '../shared/http/lineReport.ts';
import { exemptionLines } from '../shared/http/reportLines.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { queryOf } from '../shared/http/requestRules.ts';
import { readReport } from '../shared/run/report.ts';

/** Responds with one line for each device and module with an exemption, also an ended one, as NDJSON or CSV. */
export const getExemptions = httpHandler(
  async (request) => {
    const services = await appHost().app();
    const { format, ...filter } = queryOf(request, exemptionsQuery);
    const run = await runOf(services, request);
    return reportResponse(request, format, {
      lines: exemptionLines(await readReport(services.documents, run, 'exemptions'), filter),
      columns: ['deviceId', 'moduleId', 'state', 'until', 'reason'],
      fileName: `${run.hub}-${run.runId}-exemptions`,
    });
  },
  { query: exemptionsQuery },
);

app.http('getExemptions', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/exemptions',
  authLevel: 'function',
  handler: getExemptions,
});
