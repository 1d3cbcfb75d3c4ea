import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { Problem } from '../shared/http/problem.ts';
import { hubOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';
import { listRunIds, readRun } from '../shared/run/readRuns.ts';
import { withWaitingFor } from '../shared/run/whyQueued.ts';

const pageSize = 50;

/** Responds with the runs of one hub or of all hubs, newest first; `continuation` in the response gives the next page. */
export const listSweeps = httpHandler(
  async (request) => {
    const services = await appHost().app();
    const hubName = request.query.get('hub');
    const names = hubName === null ? [...services.hubs.keys()] : [hubOf(services, hubName).hub.name];
    const after = request.query.get('continuation');
    if (after !== null && !/^[^/]+\/[^/]+$/.test(after)) {
      throw new Problem(
        400,
        'bad-continuation',
        'The continuation is invalid',
        'Send the `continuation` of an earlier response unchanged.',
      );
    }
    const keys: string[] = [];
    for (const hub of names) {
      for (const runId of await listRunIds(services.documents, hub)) keys.push(`${runId}/${hub}`);
    }
    keys.sort().reverse();
    const remaining = after === null ? keys : keys.filter((key) => key < after);
    const page = remaining.slice(0, pageSize);
    const runs = await Promise.all(
      page.map(async (key) => {
        const [runId = '', hub = ''] = key.split('/');
        const run = await readRun(services.documents, hub, runId);
        return run && withWaitingFor(services, run);
      }),
    );
    const last = page.at(-1);
    return {
      jsonBody: {
        runs: runs.filter((run) => run !== undefined).map(runView),
        ...(remaining.length > page.length && last !== undefined ? { continuation: last } : {}),
      },
    };
  },
  { query: ['hub', 'continuation'] },
);

app.http('listSweeps', { methods: ['GET'], route: 'sweeps', authLevel: 'function', handler: listSweeps });
