import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { updateHubDocument } from '../run/hubDocument.ts';
import { recordRunEnded } from '../run/recordRun.ts';
import { isLive, stalledReason } from '../run/run.ts';
import { endRun, readRun } from '../run/runStore.ts';
import type { Documents } from '../storage/documents.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices, WakeUps } from '../storage/queues.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { hasWork } from './hubWorker.ts';
import { type WatchFinding, type WatchState, watchNext, watchStart } from './protocol.ts';

/** What the watch needs, for one hub. */
export interface WatchDeps {
  hub: HubConfig;
  documents: Documents;
  leases: Leases;
  pending: PendingDevices;
  wakeUps: WakeUps;
  clock: Clock;
  log: Log;
  telemetry: Telemetry;
}

/** Wake-ups for a run without a new checkpoint, before it counts as stalled. */
const maxWakes = 3;

/** Sends a wake-up to a hub that has work and no worker. Ends a stalled run as `failed`. */
export async function watchHub(deps: WatchDeps): Promise<void> {
  if (deps.hub.paused) return;
  for (let state = watchStart; state.does !== 'end'; ) state = watchNext(state, await perform(state, deps));
}

async function perform(state: Exclude<WatchState, { does: 'end' }>, deps: WatchDeps): Promise<WatchFinding> {
  const { hub, leases, wakeUps, log } = deps;
  switch (state.does) {
    case 'lookAtLease':
      return (await leases.isHeld(hub.name)) ? 'held' : 'free';
    case 'lookForWork':
      return (await hasWork(deps)) ? 'workLeft' : 'nothingLeft';
    case 'wake':
      await endStalledRun(deps);
      log.warn('Pending work without a worker; wake-up sent', { hub: hub.name });
      await wakeUps.send(hub.name, 0);
      return 'woken';
  }
}

async function endStalledRun(deps: WatchDeps): Promise<void> {
  const { hub, documents, log } = deps;
  const runId = await countWake(documents, hub.name);
  if (runId === undefined) return;
  const ended = await endRun(deps, hub.name, runId, { status: 'failed', reason: stalledReason });
  if (ended) recordRunEnded(deps.telemetry, ended);
  log.error('Run ended', { hub: hub.name, runId, status: 'failed', reason: 'stalled', wakes: maxWakes });
}

/** Counts that the active run was found without a worker; returns its id if it is stalled. */
async function countWake(documents: Documents, hub: string): Promise<string | undefined> {
  let stalled: string | undefined;
  await updateHubDocument(documents, hub, async (document) => {
    stalled = undefined;
    const { activeRun, watch } = document;
    const run = activeRun && (await readRun(documents, hub, activeRun.runId));
    if (!run || !isLive(run)) return undefined;
    const { runId, checkpointAt } = run;
    const same = watch?.runId === runId && watch.checkpointAt === checkpointAt;
    const wakes = same ? watch.wakes + 1 : 1;
    if (wakes > maxWakes) stalled = runId;
    return { ...document, watch: { runId, checkpointAt, wakes } };
  });
  return stalled;
}
