import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { Problem } from '../shared/http/problem.ts';
import { hubOf } from '../shared/http/requestParts.ts';
import { runView } from '../shared/http/runView.ts';
import { listRunIds, readRun } from '../shared/run/runStore.ts';

const pageSize = 50;

/** The runs of one hub or of all, newest first; `continuation` of an answer gives the next page. */
export const listSweeps = answer(async (request) => {
  const services = await appHost().app();
  const asked = request.query.get('hub');
  const names = asked === null ? [...services.hubs.keys()] : [hubOf(services, asked).hub.name];
  const after = request.query.get('continuation');
  if (after !== null && !/^[^/]+\/[^/]+$/.test(after)) {
    throw new Problem(
      400,
      'bad-continuation',
      'This is no continuation',
      'Send the `continuation` of an earlier answer as it was.',
    );
  }
  const keys: string[] = [];
  for (const hub of names) {
    for (const runId of await listRunIds(services.documents, hub)) keys.push(`${runId}/${hub}`);
  }
  keys.sort().reverse();
  const rest = after === null ? keys : keys.filter((key) => key < after);
  const page = rest.slice(0, pageSize);
  const runs = await Promise.all(
    page.map((key) => {
      const [runId = '', hub = ''] = key.split('/');
      return readRun(services.documents, hub, runId);
    }),
  );
  const last = page.at(-1);
  return {
    jsonBody: {
      runs: runs.filter((run) => run !== undefined).map(runView),
      ...(rest.length > page.length && last !== undefined ? { continuation: last } : {}),
    },
  };
});

app.http('listSweeps', { methods: ['GET'], route: 'sweeps', authLevel: 'function', handler: listSweeps });
