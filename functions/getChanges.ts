import { app } from '@azure/functions';
import { changesQuery } from '../shared/api/queries.ts';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { reportResponse } from '../shared/http/lineReport.ts';
import { changeLines } from '../shared/http/reportLines.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { queryOf } from '../shared/http/requestRules.ts';
import { readReport } from '../shared/run/report.ts';

/** Responds with one line for each module that a dry run would create, write or remove, as NDJSON or CSV. */
export const getChanges = httpHandler(
  async (request) => {
    const services = await appHost().app();
    const { format, ...filter } = queryOf(request, changesQuery);
    const run = await runOf(services, request);
    return reportResponse(request, format, {
      lines: changeLines(await readReport(services.documents, run, 'changes'), filter),
      columns: ['deviceId', 'moduleId', 'outcome', 'reason'],
      fileName: `${run.hub}-${run.runId}-changes`,
    });
  },
  { query: changesQuery },
);

app.http('getChanges', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/changes',
  authLevel: 'function',
  handler: getChanges,
});
