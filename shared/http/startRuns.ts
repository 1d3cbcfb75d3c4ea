import { TimeLimitError } from '../abort.ts';
import type { ProblemBody } from '../api/basics.ts';
import type { App } from '../app.ts';
import { eachHub } from '../eachHub.ts';
import type { Starter } from '../run/run.ts';
import { startRun } from '../run/runStore.ts';
import { storageErrorFields } from '../storage/storageStatus.ts';
import type { Log } from '../telemetry/log.ts';
import { Problem } from './problem.ts';
import { problemOf } from './problemOf.ts';

type StartDeps = Pick<App, 'documents' | 'wakeUps' | 'clock' | 'random'> & { log: Log };

/** A run that was started, or a live run of the same kind (`alreadyRunning`). */
export interface StartedRun {
  hub: string;
  runId: string;
  alreadyRunning: boolean;
}

/** A hub whose run could not be started, or whose wake-up could not be sent, and why. */
export interface NotStarted {
  hub: string;
  problem: ProblemBody;
}

/**
 * The time limit of a request. The platform allows 230 s for an HTTP response
 * (https://learn.microsoft.com/azure/azure-functions/functions-scale#timeout); the rest is for the start of the app.
 */
const withinMs = 200_000;

/**
 * Starts a run on each hub and sends the hub a wake-up, up to 16 hubs at a time and within 200 s. Both lists are in the order of
 * `hubs`. A failure on one hub does not affect the others. If every hub failed, throws the error of the first hub.
 */
export async function startRuns(
  deps: StartDeps,
  hubs: readonly string[],
  { dryRun, startedBy }: { dryRun: boolean; startedBy: Starter },
): Promise<{ runs: StartedRun[]; notStarted: NotStarted[] }> {
  const { clock, log, wakeUps } = deps;
  const started = new Map<string, StartedRun>();
  const errors = new Map<string, unknown>();
  await eachHub(
    hubs,
    { clock, withinMs, what: 'Starting the sweep of a hub' },
    async (hub) => {
      const { run, alreadyRunning } = await startRun(deps, hub, { dryRun, startedBy });
      log.info('Sweep started', { hub, runId: run.runId, alreadyRunning, dryRun, startedBy: run.startedBy });
      await wakeUps.send(hub, 0);
      started.set(hub, { hub, runId: run.runId, alreadyRunning });
    },
    (hub, error) => {
      log.error('A sweep could not be started', { hub, ...storageErrorFields(error) });
      errors.set(hub, error instanceof TimeLimitError ? tooSlow(error) : error);
    },
  );
  const failed = hubs.filter((hub) => errors.has(hub));
  if (failed.length === hubs.length) throw errors.get(failed[0] ?? '');
  return {
    runs: hubs.filter((hub) => !errors.has(hub)).flatMap((hub) => started.get(hub) ?? []),
    notStarted: failed.map((hub) => ({ hub, problem: problemOf(errors.get(hub)).body })),
  };
}

function tooSlow({ message }: TimeLimitError): Problem {
  return new Problem(
    503,
    'storage-unavailable',
    'The storage of the app is unavailable',
    `${message} The run may still start. Send the request again: if it has started, the response names it.`,
    { retryAfterSeconds: 10 },
  );
}
