import type { RunAnswer as Run } from '../../shared/api/runSchemas.ts';
import type { KeeperApi } from '../api/keeperApi.ts';
import { failuresOf, newestRun, runPath } from '../api/runs.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { askEachHub } from './askEachHub.ts';
import { countBy } from './countBy.ts';
import { hubNames } from './hubNames.ts';

/**
 * What failed or is blocked, with what to do: in a run, or in the newest real run that has begun, of a hub or of each hub. Answers
 * `no` if there is any. Throws `CliError`.
 */
export async function failures(api: KeeperApi, hub: string | undefined, runId: string | undefined): Promise<Answer> {
  const { runs, notAsked } = await chosenRuns(api, hub, runId);
  const reports = await Promise.all(runs.map(async (run) => ({ run, lines: await failuresOf(api, run) })));
  const rows = reports.flatMap(({ run, lines }) =>
    lines.map(({ deviceId, moduleId, outcome, reason, advice }) => [
      run.hub,
      deviceId,
      moduleId,
      outcome,
      reason,
      advice,
    ]),
  );
  const advices = countBy(rows, ([, , , , reason, advice]) => `${reason}: ${advice ?? 'docs/operations.md says more'}`);
  const heads = ['hub', 'device', 'module', 'outcome', 'reason', 'what to do'];
  return {
    json: reports.map(({ run: { hub: name, runId: id }, lines }) => ({ hub: name, runId: id, failures: lines })),
    table: { heads, rows },
    shortTable: { heads: heads.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)) },
    remarks: [
      ...(runs.length === 0 ? ['No real run has begun yet.'] : []),
      ...runs.map((run) => `${run.hub}: run ${run.runId}, ${run.status}`),
      ...(rows.length === 0 && runs.length > 0 ? ['Nothing failed, and nothing is blocked.'] : []),
      ...notAsked,
      ...[...advices].map(([text, count]) => `${count.toLocaleString('en')} × ${text}`),
    ],
    exitCode: rows.length > 0 ? exitCodes.no : notAsked.length > 0 ? exitCodes.unreachable : exitCodes.ok,
  };
}

async function chosenRuns(
  api: KeeperApi,
  hub: string | undefined,
  runId: string | undefined,
): Promise<{ runs: Run[]; notAsked: string[] }> {
  if (hub !== undefined && runId !== undefined) {
    return { runs: [await api.json<Run>('GET', runPath(hub, runId))], notAsked: [] };
  }
  const hubs = hub === undefined ? await hubNames(api) : [hub];
  const isReal = ({ dryRun, startedAt, undoes }: Run) => !dryRun && !undoes && startedAt !== null;
  const { answers, notAsked } = await askEachHub(hubs, (name) => newestRun(api, name, isReal));
  const runs = answers.flatMap(({ run }) => run ?? []).toSorted((one, other) => one.hub.localeCompare(other.hub));
  return { runs, notAsked: [...notAsked, ...answers.flatMap(({ unreadable }) => unreadable)] };
}
