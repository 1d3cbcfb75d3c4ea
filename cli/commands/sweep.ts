import type { RunAnswer as Run, StartedRuns, StartedUndo } from '../../shared/api/runSchemas.ts';
import { runPath } from '../api/runs.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { type FollowDeps, followRuns } from './followRuns.ts';
import { runRemarks, runTable } from './runTable.ts';

/** Which sweeps to start. */
export interface SweepOptions {
  /** Empty: every hub that is not paused. */
  hubs: readonly string[];
  dryRun: boolean;
  /** Follow the runs to their end. */
  wait: boolean;
}

/** Starts the runs. Throws `CliError`. */
export async function startRuns(
  { api }: Pick<FollowDeps, 'api'>,
  { hubs, dryRun }: Pick<SweepOptions, 'hubs' | 'dryRun'>,
): Promise<StartedRuns> {
  return api.json<StartedRuns>('POST', '/api/sweeps', { dryRun, ...(hubs.length === 0 ? {} : { hubs }) });
}

/** Hubs whose run could not be started, a line each. */
export function notStartedRemarks({ notStarted = [] }: StartedRuns): string[] {
  return notStarted.map(({ hub, problem }) => `${hub}: not started. ${problem.title}: ${problem.detail}`);
}

/** Starts a run on each hub, and with `wait` follows them. Throws `CliError`. */
export async function sweep(deps: FollowDeps, options: SweepOptions): Promise<Answer> {
  const started = await startRuns(deps, options);
  const remarks = notStartedRemarks(started);
  if (options.wait) return endOf(await followRuns(deps, started.runs), remarks, remarks.length === 0);
  return {
    json: started,
    table: {
      heads: ['hub', 'run', ''],
      rows: started.runs.map(({ hub, runId, alreadyRunning }) => [
        hub,
        runId,
        alreadyRunning ? 'was running already' : 'started',
      ]),
    },
    remarks,
    exitCode: remarks.length === 0 ? exitCodes.ok : exitCodes.no,
  };
}

/** Starts a run that creates again what another run has removed. Throws `CliError`. */
export async function undo(deps: FollowDeps, hub: string, runId: string, wait: boolean): Promise<Answer> {
  const started = await deps.api.json<StartedUndo>('POST', `${runPath(hub, runId)}/undo`);
  if (wait) return endOf(await followRuns(deps, [started]), [started.note], true);
  return {
    json: started,
    table: { heads: ['hub', 'run', 'undoes'], rows: [[started.hub, started.runId, started.undoes]] },
    remarks: [started.note],
    exitCode: exitCodes.ok,
  };
}

/**
 * The exit code is `ok` if all runs were started and are done, and nothing failed. Blocked pairs wait for an operator and are no
 * failure of the run.
 */
function endOf(runs: readonly Run[], remarks: readonly string[], areAllStarted: boolean): Answer {
  const failed = runs.filter(({ counts }) => counts.failed > 0);
  const isGood = runs.every(({ status }) => status === 'done') && failed.length === 0;
  return {
    json: { runs },
    table: runTable(runs),
    remarks: [
      ...remarks,
      ...runRemarks(runs),
      ...failed.map(({ hub, runId }) => `What failed, and what to do: keeper failures ${hub} ${runId}`),
    ],
    exitCode: isGood && areAllStarted ? exitCodes.ok : exitCodes.no,
  };
}
