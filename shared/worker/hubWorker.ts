import type { Clock } from '../clock.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import { NoPolicyError, type PolicyReader } from '../policyStore/policyReader.ts';
import { problemsText } from '../policyStore/standing.ts';
import { beginSlice, endSlice } from '../run/brokenSlices.ts';
import { readHubDocument } from '../run/hubDocument.ts';
import { showRunWaits } from '../run/showRunWaits.ts';
import type { Documents, PartedTexts } from '../storage/documents.ts';
import type { HubLease } from '../storage/leases.ts';
import type { WakeUpQueue } from '../storage/queues.ts';
import {
  type OutageWait,
  outageDelayMs,
  retryingDocuments,
  retryingPending,
  retryingWakeUps,
  retryOnOutage,
} from '../storage/retryOnOutage.ts';
import { adviceForStorage, storageErrorFields } from '../storage/storageStatus.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import { Guard } from './guard.ts';
import { hasDueRun } from './heldRun.ts';
import { type WorkerFinding, type WorkerState, workerNext, workerStart } from './protocol.ts';
import { isLeaseLost, runSlice, type SliceSignals } from './slice.ts';
import type { WorkerDeps } from './workerDeps.ts';
import { type SliceResult, workerLoop } from './workerLoop.ts';

/**
 * Time reserved before the function timeout for the last three storage calls (etag check, checkpoint, lease release), 15.5 s
 * each in the worst case (`storageAgent.ts`, `storageClients.ts`).
 */
const finalCallsReserveMs = 48_000;

/** Throttled hubs hold a request for up to 40 s before their 429 (observed: Azure-Samples/Iot-Telemetry-Simulator#39). */
const longestResponseMs = 45_000;

/** What one invocation needs: the worker's guard is in the queue of wake-ups. */
export interface HubWorkerDeps extends Omit<WorkerDeps, 'inForce'> {
  policies: PolicyReader;
  wakeUps: WakeUpQueue;
  /** Time after which the host ends the invocation. */
  functionTimeoutMs: number;
}

/**
 * One invocation of a hub's worker: acquires the lease (or ends, if another worker holds it), runs a slice beside its guard, and
 * releases the lease, in the order of `protocol.ts`. Returns whether another wake-up must be sent. Waits out outages of storage
 * as long as the function timeout allows, then throws storage's last error. If storage refuses the app, logs what to check and
 * throws at once.
 */
export async function workOnHub(deps: HubWorkerDeps): Promise<boolean> {
  const { hub, leases, log, clock, stopping } = deps;
  if (hub.paused) {
    log.info('The hub is paused; its work waits', { hub: hub.name });
    return false;
  }
  const untilMs = clock.elapsedMs() + waitLimitOf(deps);
  const wait = outageWait(deps, stopping, untilMs);
  const guard = new Guard(deps, leases.durationMs);
  let lease: HubLease | undefined;
  let leasedAtMs = 0;
  const perform = async (does: WorkerState['does']): Promise<WorkerFinding> => {
    if (does === 'look') return (await retryOnOutage(() => hasWork(deps), wait)) ? 'workLeft' : 'nothingLeft';
    if (does === 'acquire') {
      leasedAtMs = clock.elapsedMs();
      lease = await leases.tryAcquire(hub.name); // no retry: if the response was lost, a retry finds its own lease held
      return lease ? 'acquired' : 'held';
    }
    if (!lease) throw new TypeError(`A worker without the lease cannot ${does}.`);
    if (does === 'guard') {
      await guard.set();
      return 'guarded';
    }
    if (does === 'unguard') {
      await guard.remove();
      return 'unguarded';
    }
    if (does === 'work') return runLeasedSlice(deps, lease, { guard, leasedAtMs, untilMs, wait });
    await release(lease, wait);
    return 'released';
  };
  let state = workerStart;
  try {
    while (state.does !== 'end') {
      const found = await perform(state.does);
      if (found === 'held') log.info('The hub has a worker already', { hub: hub.name });
      state = workerNext(state, found);
    }
  } catch (error) {
    if (adviceForStorage(error) !== undefined)
      log.error('The storage account refuses the app', { hub: hub.name, ...storageErrorFields(error) });
    throw error;
  }
  return state.wake;
}

async function runLeasedSlice(
  deps: HubWorkerDeps,
  lease: HubLease,
  { guard, leasedAtMs, untilMs, wait }: { guard: Guard; leasedAtMs: number; untilMs: number; wait: OutageWait },
): Promise<SliceResult> {
  const { hub, leases, log, clock, sliceMs, stopping } = deps;
  try {
    const responseGraceMs = Math.min(longestResponseMs, waitLimitOf(deps) - sliceMs);
    const times = { sliceMs, responseGraceMs, leasedAtMs, leaseDurationMs: leases.durationMs };
    const options = { clock, stopping, ...times, onRenewed: () => void guard.set() };
    const result = await runSlice(lease, options, async (signals) => {
      const sliceWait = outageWait(deps, AbortSignal.any([signals.cutOff, signals.leaseLost]), untilMs);
      const documents = writableWhile(signals.leaseLost, retryingDocuments(deps.documents, sliceWait));
      const pending = retryingPending(deps.pending, sliceWait);
      const wakeUps = retryingWakeUps(deps.wakeUps, sliceWait);
      const previousBroke = await beginSlice({ documents, clock }, hub.name);
      const sliceDeps = { ...deps, documents, pending, wakeUps };
      const inForce = await policyOfSlice(sliceDeps, signals, sliceWait);
      const result = inForce ? await workerLoop({ ...sliceDeps, inForce }, signals) : 'blocked';
      if (previousBroke && result !== 'lost') await endSlice(documents, hub.name);
      return result;
    });
    log.info('Slice ended', { hub: hub.name, result });
    return result;
  } catch (error) {
    if (isLeaseLost(error)) return 'lost';
    // The wake-up is delivered again after a minute, and the lease must be free then.
    await release(lease, wait);
    await guard.remove();
    throw error;
  }
}

/**
 * Documents that are not written after the lease is lost. Otherwise a write that is repeated after a conflict would overwrite
 * what the next worker has written.
 */
function writableWhile(leaseLost: AbortSignal, documents: Documents & PartedTexts): Documents & PartedTexts {
  const unlessLost =
    <Args extends unknown[], Result>(write: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      leaseLost.throwIfAborted();
      return write(...args);
    };
  return {
    ...documents,
    write: unlessLost(documents.write),
    remove: unlessLost(documents.remove),
    writePart: unlessLost(documents.writePart),
    addPart: unlessLost(documents.addPart),
  };
}

/**
 * The policy in force. If there is none, returns undefined and shows in the active run why it waits; the watch sends the next
 * wake-up.
 */
async function policyOfSlice(
  deps: Omit<HubWorkerDeps, 'wakeUps'>,
  { leaseLost }: SliceSignals,
  wait: OutageWait,
): Promise<PolicyInForce | undefined> {
  const { policies, hub, log } = deps;
  try {
    return await retryOnOutage(() => policies.fresh(log), wait);
  } catch (error) {
    if (!(error instanceof NoPolicyError)) throw error;
    const reason = `${error.message} Correct it: ${problemsText(error.problems)}`;
    log.error('No work is done on the hub: there is no valid policy', { hub: hub.name, reason });
    await showRunWaits({ ...deps, throwIfLeaseLost: () => leaseLost.throwIfAborted() }, hub.name, reason);
    return undefined;
  }
}

function release(lease: HubLease, wait: OutageWait): Promise<void> {
  return retryOnOutage(() => lease.release(), wait);
}

/** Waits between retries. Rejects with the signal's reason, or with storage's last error if the wait would pass `untilMs`. */
function outageWait(
  { clock, log, hub }: { clock: Clock; log: Log; hub: { name: string } },
  signal: AbortSignal,
  untilMs: number,
): OutageWait {
  return async (attempt, error) => {
    const delayMs = outageDelayMs(attempt);
    if (clock.elapsedMs() + delayMs > untilMs) throw error;
    if (attempt === 0) log.warn('Storage is unavailable; the worker waits', { hub: hub.name, ...errorFields(error) });
    await clock.sleep(delayMs, signal);
  };
}

/** Whether a worker has work now: a due pending device, or a run with something to do. Throws what storage throws. */
export async function hasWork({
  hub,
  pending,
  documents,
  clock,
}: Pick<WorkerDeps, 'hub' | 'pending' | 'clock'> & { documents: Documents }): Promise<boolean> {
  if (await pending.hasVisible(hub.name)) return true;
  return hasDueRun(await readHubDocument(documents, hub.name), clock.now());
}

/** How long an invocation may wait for storage and for the hub. */
function waitLimitOf({ functionTimeoutMs }: Pick<HubWorkerDeps, 'functionTimeoutMs'>): number {
  return functionTimeoutMs - finalCallsReserveMs;
}
