import type { Change } from '../../shared/api/deviceSchemas.ts';
import type { RunAnswer as Run } from '../../shared/api/runSchemas.ts';
import { NoSuchRoute } from '../api/keeperApi.ts';
import { changesOf } from '../api/runs.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { countBy } from './countBy.ts';
import { type FollowDeps, followRuns } from './followRuns.ts';
import { runRemarks } from './runTable.ts';
import { notStartedRemarks, startRuns } from './sweep.ts';

/** Which plan to make. */
export interface PlanOptions {
  hubs: readonly string[];
  /** Name every device, not only the first ones of each hub. */
  all: boolean;
  /** Answer `no` if something is to change. */
  exitCode: boolean;
}

const namedDevices = 20;
/** The signs that a diff uses. */
const marks: Record<Change['outcome'], string> = { created: '+', updated: '~', removed: '-' };

/** One hub's plan. `changes`: undefined if the app does not name them. */
interface HubPlan {
  run: Run;
  changes: Change[] | undefined;
}

/** Makes a dry run of each hub and shows what a sweep would change, by module and reason, and by name. Throws `CliError`. */
export async function plan(deps: FollowDeps, { hubs, all, exitCode }: PlanOptions): Promise<Answer> {
  const started = await startRuns(deps, { hubs, dryRun: true });
  const runs = await followRuns(deps, started.runs);
  const plans = await Promise.all(runs.map(async (run) => ({ run, changes: await changesOrUndefined(deps, run) })));
  const notStarted = notStartedRemarks(started);
  const isComplete = notStarted.length === 0 && runs.every(({ status }) => status === 'done');
  const changesAny = runs.some(({ counts }) => counts.created + counts.updated + counts.removed > 0);
  return {
    json: { plans },
    table: { heads: ['hub', 'module', 'change', 'reason', 'devices'], rows: plans.flatMap(rowsOf) },
    remarks: [
      ...notStarted,
      ...runRemarks(runs),
      ...plans.flatMap((one) => diffLines(one, all)),
      ...runs.flatMap(removalRemark),
      ...(isComplete && !changesAny ? ['Nothing is to change.'] : []),
    ],
    exitCode: !isComplete || (exitCode && changesAny) ? exitCodes.no : exitCodes.ok,
  };
}

/** Warns that this dry run allows the next sweep to remove modules: whoever wants only a preview may not expect that. */
function removalRemark({ hub, status, startedBy, counts: { removed } }: Run): string[] {
  // A dry run of an assistant allows no removal; `plan` joins one that is live.
  if (status !== 'done' || removed === 0 || startedBy === 'assistant') return [];
  const what = `${removed.toLocaleString('en')} ${removed === 1 ? 'module' : 'modules'}`;
  return [
    `${hub}: the next sweep, also the nightly one, removes ${what}. This plan allows it for 24 hours; to stop it, change the policy.`,
  ];
}

async function changesOrUndefined({ api }: FollowDeps, run: Run): Promise<Change[] | undefined> {
  try {
    const changes = await changesOf(api, run);
    return changes.sort((one, other) => (one.deviceId < other.deviceId ? -1 : 1));
  } catch (error) {
    if (error instanceof NoSuchRoute) return undefined;
    throw error;
  }
}

/** The rows of the table: what would change, then what would not change, and why. */
function rowsOf({ run: { hub, counts }, changes }: HubPlan): (string | number | null)[][] {
  const toChange =
    changes === undefined
      ? (['created', 'updated', 'removed'] as const).map(
          (outcome) => [hub, null, outcome, null, counts[outcome]] as const,
        )
      : [
          ...countBy(changes, ({ moduleId, outcome, reason }) => JSON.stringify([moduleId, outcome, reason ?? null])),
        ].map(([key, count]) => [hub, ...(JSON.parse(key) as [string, string, string | null]), count] as const);
  const reasons = (what: string, byReason: Record<string, number>) =>
    Object.entries(byReason).map(([reason, count]) => [hub, null, what, reason, count] as const);
  return [
    ...toChange,
    [hub, null, 'unchanged', null, counts.unchanged],
    ...reasons('excluded', counts.excluded),
    ...reasons('blocked', counts.blocked),
    [hub, null, 'failed', null, counts.failed],
  ]
    .filter(([, , , , count]) => count !== 0)
    .map((row) => [...row]);
}

function diffLines({ run: { hub }, changes }: HubPlan, all: boolean): string[] {
  if (changes === undefined)
    return [`${hub}: this version of the app does not list the devices; update the app to see them.`];
  const shown = all ? changes : changes.slice(0, namedDevices);
  const more = changes.length - shown.length;
  return [
    ...shown.map(({ deviceId, moduleId, outcome, reason }) => {
      return `${marks[outcome] ?? '?'} ${hub} ${deviceId} ${moduleId}${reason === undefined ? '' : ` (${reason})`}`;
    }),
    ...(more > 0 ? [`… and ${more.toLocaleString('en')} more on ${hub}: --all names them`] : []),
  ];
}
