import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { stalledReason, stalledRunId } from '../run/brokenSlices.ts';
import { type HubDocument, readHubDocument, updateHubDocument } from '../run/hubDocument.ts';
import { recordRunEnded } from '../run/recordRun.ts';
import { failRun } from '../run/runStore.ts';
import type { Documents } from '../storage/documents.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices, WakeUpQueue } from '../storage/queues.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { untilComeBackMs } from './comeBack.ts';
import { hasWork } from './hubWorker.ts';
import { type WatchFinding, type WatchState, watchNext, watchStart } from './protocol.ts';

/** What the watch needs, for one hub. */
export interface WatchDeps {
  hub: HubConfig;
  documents: Documents;
  leases: Pick<Leases, 'isHeld'>;
  pending: PendingDevices;
  wakeUps: WakeUpQueue;
  clock: Clock;
  log: Log;
  telemetry: Telemetry;
}

/** A wake-up counts as under way for this long after it was sent, seen or not: `coalescedWakeUps` hides it for up to a second. */
const justSentMs = 10_000;
/**
 * One look at the queue shows its first 32 messages. If there may be others, a wake-up of the hub can be among them, so for this
 * long after the last one (`lastSignMs`) no other is sent. Then it counts as lost: a hub gets at most one more message in half
 * an hour, which hardly makes the queue longer.
 */
const longestWaitMs = 30 * 60_000;

/** Sends a wake-up to a hub that has work, no worker and no wake-up under way. Ends a stalled run as `failed`. */
export async function watchHub(deps: WatchDeps): Promise<void> {
  if (deps.hub.paused) return;
  for (let state = watchStart; state.does !== 'end'; ) state = watchNext(state, await perform(state, deps));
}

async function perform(state: Exclude<WatchState, { does: 'end' }>, deps: WatchDeps): Promise<WatchFinding> {
  const { hub, documents, leases, wakeUps, clock, log } = deps;
  switch (state.does) {
    case 'lookAtLease':
      return (await leases.isHeld(hub.name)) ? 'held' : 'free';
    case 'lookForWork':
      return (await hasWork(deps)) ? 'workLeft' : 'nothingLeft';
    case 'lookForWakeUp':
      await endStalledRun(deps);
      return (await isUnderWay(deps)) ? 'underWay' : 'noneUnderWay';
    case 'wake': {
      const wokenAt = new Date(clock.now()).toISOString();
      await updateHubDocument(documents, hub.name, (document) => ({ ...document, wokenAt }));
      await wakeUps.send(hub.name, 0);
      log.warn('The hub had work and no worker; the watch sent a wake-up', { hub: hub.name });
      return 'woken';
    }
  }
}

/** Whether a wake-up for the hub was seen in the queue, or may be there unseen. */
async function isUnderWay({ hub, documents, wakeUps, clock }: WatchDeps): Promise<boolean> {
  const { hubs, complete } = await wakeUps.waiting();
  if (hubs.includes(hub.name)) return true;
  const document = await readHubDocument(documents, hub.name);
  const untilMs = untilComeBackMs(document.outage, clock.now());
  if (untilMs !== undefined && untilMs > -justSentMs) return true;
  // A sign in the future was written by an instance whose clock is ahead.
  const sinceMs = Math.abs(clock.now() - lastSignMs(document));
  return sinceMs < (complete ? justSentMs : longestWaitMs);
}

/**
 * The last time at which, by the hub document, the watch sent a wake-up or a slice began (`wokenAt`), or a run was requested;
 * a request for a run sends a wake-up, too. 0 if there was none.
 */
function lastSignMs({ wokenAt, activeRun }: HubDocument): number {
  const times = [wokenAt, activeRun?.requestedAt].map((text) => Date.parse(text ?? ''));
  return Math.max(...times.filter((ms) => !Number.isNaN(ms)), 0);
}

async function endStalledRun(deps: WatchDeps): Promise<void> {
  const { hub, documents, leases, log } = deps;
  const stalled = async () => stalledRunId(documents, hub.name, await readHubDocument(documents, hub.name));
  const runId = await stalled();
  // A slice that has begun since the first look at the lease counts as broken until it ends.
  if (runId === undefined || (await leases.isHeld(hub.name)) || (await stalled()) !== runId) return;
  const ended = await failRun(deps, hub.name, runId, stalledReason);
  if (!ended) return; // another process has ended it meanwhile
  recordRunEnded(deps.telemetry, ended);
  log.error('Run ended', { hub: hub.name, runId, status: 'failed', reason: stalledReason });
}
