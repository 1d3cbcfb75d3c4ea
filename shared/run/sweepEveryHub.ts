import type { App } from '../app.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import { pruneRuns, startRun } from './runStore.ts';

type SweepDeps = Pick<App, 'documents' | 'wakeUps' | 'clock' | 'random'> & {
  hubs: ReadonlyMap<string, { hub: { name: string; paused: boolean } }>;
  log: Log;
};

/**
 * Starts a run on every hub that is not paused, and removes the old runs of every hub. A failure on one hub does not affect
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
    await removeOldRuns(deps, hub.name);
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} sweeps could not be started.`);
}

async function removeOldRuns(deps: SweepDeps, hub: string): Promise<void> {
  try {
    const removed = await pruneRuns(deps, hub);
    if (removed > 0) deps.log.info('Old runs removed', { hub, removed });
  } catch (error) {
    deps.log.warn('Old runs could not be removed', { hub, ...errorFields(error) });
  }
}
