import type { RunAnswer as Run } from '../../shared/api/runSchemas.ts';
import type { KeeperApi } from '../api/keeperApi.ts';
import { isLive, runPath } from '../api/runs.ts';
import { CliError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import { printable } from '../output/printable.ts';
import type { ProgressLine } from '../output/progressLine.ts';

/** The time between two requests for a run: short enough for a progress bar, long enough for a run that takes hours. */
const pollIntervalMs = 2_000;
/** How long requests may fail before the command gives up: during a deployment the app does not respond for a minute. */
const longestWithoutAnswerMs = 120_000;
/** A gateway may answer with a `Retry-After` of an hour; the command must notice before that it has to give up. */
const longestPauseMs = 30_000;
const listedHubs = 3;

/** What `followRuns` needs. `signal` ends the waiting; the runs continue. */
export interface FollowDeps {
  api: KeeperApi;
  progress: ProgressLine;
  sleep(ms: number): Promise<void>;
  /** A monotonic clock, in milliseconds. */
  elapsedMs(): number;
  signal: AbortSignal;
}

/** Waits until all runs have ended, and returns them. Throws `CliError`, of the exit code `interrupted` after `signal`. */
export async function followRuns(
  { api, progress, sleep, elapsedMs, signal }: FollowDeps,
  started: readonly Pick<Run, 'hub' | 'runId'>[],
): Promise<Run[]> {
  let answeredAtMs = elapsedMs();
  try {
    for (;;) {
      if (signal.aborted) {
        const names = started.map(({ hub, runId }) => `keeper cancel ${hub} ${runId}`).slice(0, listedHubs);
        throw new CliError(
          `The command has stopped waiting; the run continues. To cancel it: ${names.join('; ')}`,
          exitCodes.interrupted,
        );
      }
      let waitMs = pollIntervalMs;
      try {
        const runs = await Promise.all(started.map(({ hub, runId }) => api.json<Run>('GET', runPath(hub, runId))));
        answeredAtMs = elapsedMs();
        if (!runs.some(isLive)) return runs;
        progress.show(shareOf(runs), printable(wordsOf(runs)));
      } catch (error) {
        const retryAfterMs = error instanceof CliError ? error.retryAfterMs : undefined;
        if (retryAfterMs === undefined || elapsedMs() - answeredAtMs > longestWithoutAnswerMs) throw error;
        progress.show(0, 'the app does not answer; waiting for it');
        waitMs = Math.min(Math.max(waitMs, retryAfterMs), longestPauseMs);
      }
      await sleep(waitMs);
    }
  } finally {
    progress.clear();
  }
}

/** The part of the devices that the listings have counted; below 1 while a run is live, since changes are made after that. */
function shareOf(runs: readonly Run[]): number {
  const total = sum(runs, ({ totalDevices, counts }) => Math.max(totalDevices ?? counts.devices, counts.devices, 1));
  return Math.min(0.99, sum(runs, ({ counts }) => counts.devices) / total);
}

function wordsOf(runs: readonly Run[]): string {
  const live = runs.filter(isLive);
  const changed = sum(runs, ({ counts }) => counts.created + counts.updated + counts.removed);
  const failed = sum(runs, ({ counts }) => counts.failed);
  const would = runs.every(({ dryRun }) => dryRun) ? ' to change' : ' changed';
  const ends = live
    .map(({ progress }) => progress.estimatedEnd)
    .filter((time) => time !== null)
    .sort();
  const last = ends.length === live.length ? ends.at(-1) : undefined;
  const waits = live.find(({ waitingFor }) => waitingFor !== null)?.waitingFor;
  return [
    `${changed.toLocaleString('en')}${would}`,
    ...(failed === 0 ? [] : [`${failed.toLocaleString('en')} failed`]),
    ...(live.length > 1 ? [`${live.length} hubs run`] : []),
    ...(last === undefined ? [] : [`until about ${last.slice(11, 16)} UTC`]),
    ...(waits ? [`waits: ${waits}`] : []),
  ].join(', ');
}

function sum(runs: readonly Run[], part: (run: Run) => number): number {
  return runs.reduce((total, run) => total + part(run), 0);
}
