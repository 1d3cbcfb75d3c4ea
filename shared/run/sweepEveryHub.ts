import { withTimeout } from '../abort.ts';
import type { App } from '../app.ts';
import { eachHub } from '../eachHub.ts';
import { storageErrorFields } from '../storage/storageStatus.ts';
import type { Log } from '../telemetry/log.ts';
import { endRunsOfRemovedHubs, endUnnamedRuns } from './abandonedRuns.ts';
import { isStarted, markSchedule } from './dueSweep.ts';
import { pruneRuns } from './pruneRuns.ts';
import { completeRecentRuns } from './recentRuns.ts';
import { startScheduledRun } from './runStore.ts';

type SweepDeps = Pick<App, 'documents' | 'wakeUps' | 'clock' | 'random'> & {
  hubs: ReadonlyMap<string, { hub: { name: string; paused: boolean } }>;
  /** The hubs with wrong settings; an entry without a name that can be read has none. */
  outOfService: readonly { name?: string }[];
  log: Log;
  /** When the nightly sweep runs: an NCRONTAB expression with seconds, UTC. */
  schedule: string;
};

/** Time for the starts on all hubs, and again for the removal of old runs: together less than the function timeout. */
const withinMs = 240_000;
const dayMs = 24 * 3600 * 1000;
/** Time for ending the runs of removed hubs. */
const removedHubsLimitMs = 15_000;
/** The largest number of old runs of one hub that are removed in one night, so that the removal stays within its time. */
const maxPrunedRuns = 1_000;

/**
 * Starts a run on every hub that is not paused, afterwards ends the runs that no worker will end (`abandonedRuns.ts`), and
 * removes the old runs of every hub. Each day another hub is the first. A failure on one hub does not affect the others. With
 * `isRetry` only the runs are started that an earlier try of the same night did not start. Throws `AggregateError` at the end if a run
 * could not be started; a failed removal is only logged.
 */
export async function sweepEveryHub(
  deps: SweepDeps,
  { isPastDue, isRetry }: { isPastDue: boolean; isRetry: boolean },
): Promise<void> {
  const { clock, log } = deps;
  const names = inTurn([...deps.hubs.values()], Math.floor(clock.now() / dayMs)).map(({ hub }) => hub);
  const failures: unknown[] = [];
  await eachHub(
    names,
    { clock, withinMs, what: 'Starting the sweep of a hub' },
    (hub) => startOne(deps, hub, { isPastDue, isRetry }),
    (hub, error) => {
      log.error('A sweep could not be started', { hub: hub.name, ...storageErrorFields(error) });
      failures.push(error);
    },
  );
  await cleanUpRemovedHubs(deps);
  await eachHub(
    names,
    { clock, withinMs, what: 'Removing the old runs of a hub' },
    async (hub) => {
      const removed = await pruneRuns(deps, hub.name, maxPrunedRuns);
      if (removed > 0) log.info('Old runs removed', { hub: hub.name, removed });
      await endUnnamedRuns(deps, hub.name);
      await completeRecentRuns(deps.documents, hub.name);
    },
    (hub, error) => log.warn('Old runs could not be removed', { hub: hub.name, ...storageErrorFields(error) }),
  );
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} sweeps could not be started.`);
}

/**
 * Ends the live runs of hubs that are no longer in the settings: no worker works on them, so they would stay live for ever. The runs of
 * a hub out of service wait until its entry is corrected. An entry whose name cannot be read may be that of any hub, so nothing is
 * ended then.
 */
async function cleanUpRemovedHubs(deps: SweepDeps): Promise<void> {
  const outOfService = new Set(deps.outOfService.map(({ name }) => name));
  if (outOfService.has(undefined)) return;
  try {
    const limit = { limitMs: removedHubsLimitMs, what: 'Ending the runs of removed hubs', clock: deps.clock };
    await withTimeout(limit, () =>
      endRunsOfRemovedHubs(deps, { has: (hub) => deps.hubs.has(hub) || outOfService.has(hub) }),
    );
  } catch (error) {
    deps.log.warn('Runs of removed hubs could not be ended', storageErrorFields(error));
  }
}

async function startOne(
  deps: SweepDeps,
  { name, paused }: { name: string; paused: boolean },
  { isPastDue, isRetry }: { isPastDue: boolean; isRetry: boolean },
): Promise<void> {
  const scheduled = { hub: name, schedule: deps.schedule };
  if (isRetry && (await isStarted(deps, scheduled))) return;
  if (paused) deps.log.warn('A paused hub is not swept', { hub: name });
  else {
    const started = await startScheduledRun(deps, name, 'timer');
    if (!started) {
      deps.log.warn('The sweep waits for the end of an undo; the watch starts it', { hub: name });
      return; // without the mark the watch starts the sweep later
    }
    const { run, alreadyRunning } = started;
    deps.log.info('Sweep started', {
      hub: name,
      runId: run.runId,
      alreadyRunning,
      isPastDue,
      startedBy: run.startedBy,
    });
    await deps.wakeUps.send(name, 0);
  }
  await markSchedule(deps, scheduled);
}

/** The items in their order, beginning with another item each day, so that the same items are not always the last. */
function inTurn<Item>(items: Item[], day: number): Item[] {
  const first = items.length === 0 ? 0 : day % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
