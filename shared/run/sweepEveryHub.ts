import type { App } from '../app.ts';
import { concurrently } from '../concurrently.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import { readHubDocument } from './hubDocument.ts';
import { endRun, pruneRuns, startRun } from './runStore.ts';

type SweepDeps = Pick<App, 'documents' | 'wakeUps' | 'clock' | 'random'> & {
  hubs: ReadonlyMap<string, { hub: { name: string; paused: boolean } }>;
  log: Log;
};

/** Old runs of one hub that one night removes, so that even twenty hubs take well under the timeout of the timer function. */
const maxPrunedRuns = 1_000;
const hubsPrunedAtOnce = 4;

const removedHubReason =
  'The hub is not in the settings any more. If it should be, add it to the settings and start another run.';

/**
 * Starts a run on every hub that is not paused, and then ends the runs of hubs that the
 * settings do not have any more and removes the old runs of every hub. A failure on one hub does not affect
 * the others. Throws `AggregateError` at the end if a run could not be started; a failed removal is only logged.
 */
export async function sweepEveryHub(deps: SweepDeps, isPastDue: boolean): Promise<void> {
  const { hubs, wakeUps, log } = deps;
  const failures: unknown[] = [];
  for (const { hub } of hubs.values()) {
    if (hub.paused) log.warn('A paused hub is not swept', { hub: hub.name });
    else {
      try {
        const { run, alreadyRunning } = await startRun(deps, hub.name, false);
        log.info('Sweep started', { hub: hub.name, runId: run.runId, alreadyRunning, isPastDue });
        await wakeUps.send(hub.name, 0);
      } catch (error) {
        log.error('A sweep could not be started', { hub: hub.name, ...errorFields(error) });
        failures.push(error);
      }
    }
  }
  await endRunsOfRemovedHubs(deps);
  await concurrently(hubs.values(), hubsPrunedAtOnce, ({ hub }) => removeOldRuns(deps, hub.name));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} sweeps could not be started.`);
}

/** Nobody works on the runs of a hub that was taken out of the settings, so they would stay live for ever. */
async function endRunsOfRemovedHubs({ documents, clock, hubs, log }: SweepDeps): Promise<void> {
  try {
    for (const path of await documents.list('hubs/')) {
      const hub = path.slice('hubs/'.length, -'.json'.length);
      if (hubs.has(hub)) continue;
      const { activeRun, queuedRun } = await readHubDocument(documents, hub);
      for (const ref of [queuedRun, activeRun]) {
        if (!ref) continue;
        await endRun({ documents, clock }, hub, ref.runId, { status: 'failed', reason: removedHubReason });
        log.warn('A run of a hub that is not in the settings was ended', { hub, runId: ref.runId });
      }
    }
  } catch (error) {
    log.warn('Runs of removed hubs could not be ended', errorFields(error));
  }
}

async function removeOldRuns(deps: SweepDeps, hub: string): Promise<void> {
  try {
    const removed = await pruneRuns(deps, hub, maxPrunedRuns);
    if (removed > 0) deps.log.info('Old runs removed', { hub, removed });
  } catch (error) {
    deps.log.warn('Old runs could not be removed', { hub, ...errorFields(error) });
  }
}
