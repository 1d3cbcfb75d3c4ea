import { app } from '@azure/functions';
import { sweepsQuery } from '../shared/api/queries.ts';
import type { RunPage } from '../shared/api/runSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { addressOf, hubOf } from '../shared/http/requestParts.ts';
import { queryOf } from '../shared/http/requestRules.ts';
import { listRunIds, readRun } from '../shared/run/readRuns.ts';
import { runView } from '../shared/run/runView.ts';
import { withWaitingFor } from '../shared/run/whyQueued.ts';

const defaultLimit = 50;

/**
 * Responds with a page of the runs of one hub or of all hubs, newest first. If there are more, `continuation` in the body is the
 * query parameter for the next page, and the header `Link` is its address.
 */
export const listSweeps = httpHandler(
  async (request) => {
    const services = await appHost().app();
    const { hub: hubName, continuation: after, limit } = queryOf(request, sweepsQuery);
    const names = hubName === undefined ? [...services.hubs.keys()] : [hubOf(services, hubName).hub.name];
    const listed = await Promise.all(
      names.map(async (hub) => (await listRunIds(services.documents, hub)).map((runId) => `${runId}/${hub}`)),
    );
    const keys = listed.flat().sort().reverse();
    const remaining = after === undefined ? keys : keys.filter((key) => key < after);
    const page = remaining.slice(0, Number(limit ?? defaultLimit));
    const runs = await Promise.all(
      page.map(async (key) => {
        const [runId = '', hub = ''] = key.split('/');
        const run = await readRun(services.documents, hub, runId);
        return run && withWaitingFor(services, run);
      }),
    );
    const shown = runs.filter((run) => run !== undefined).map(runView);
    const last = remaining.length > page.length ? page.at(-1) : undefined;
    if (last === undefined) return answer<RunPage>({ runs: shown });
    const next = new URLSearchParams({
      ...(hubName === undefined ? {} : { hub: hubName }),
      ...(limit === undefined ? {} : { limit }),
      continuation: last,
    });
    const headers = { link: `<${addressOf(request)}?${next}>; rel="next"` };
    return answer<RunPage>({ runs: shown, continuation: last }, { headers });
  },
  { query: sweepsQuery },
);

app.http('listSweeps', { methods: ['GET'], route: 'sweeps', authLevel: 'function', handler: listSweeps });
