import type { Clock } from '../clock.ts';
import { functionTimeoutSeconds } from '../config/readConfig.ts';
import { readHubDocument } from '../run/hubDocument.ts';
import type { Documents } from '../storage/documents.ts';
import type { HubLease } from '../storage/leases.ts';
import {
  type OutageWait,
  outageDelayMs,
  retryingDocuments,
  retryingPending,
  retryingWakeUps,
  retryOnOutage,
} from '../storage/retryOnOutage.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import { type WorkerFinding, type WorkerState, workerNext, workerStart } from './protocol.ts';
import { runSlice } from './slice.ts';
import type { WorkerDeps } from './workerDeps.ts';
import { type Left, workerLoop } from './workerLoop.ts';

/**
 * So long before the function's timeout an invocation waits for nothing any more: three last calls to a storage that says
 * nothing (a check, a checkpoint, the release) take 15.5 s each (`storageAgent.ts`, `storageClients.ts`).
 */
const lastCallsMs = 48_000;
const waitLimitMs = functionTimeoutSeconds * 1000 - lastCallsMs;

/** Throttled hubs were seen to hold a request for 40 s before their 429 (Azure-Samples/Iot-Telemetry-Simulator#39). */
const longestAnswerMs = 45_000;

/**
 * One slice of a hub's work: takes the lease or leaves; works; releases. Answers whether the hub must be rung again. The
 * order of all this is the protocol's. An outage of storage is waited out, as long as the function may last.
 */
export async function workOnHub(deps: WorkerDeps): Promise<boolean> {
  const { hub, leases, log, clock, stopping } = deps;
  if (hub.paused) {
    log.info('The hub is paused; its work waits', { hub: hub.name });
    return false;
  }
  const untilMs = clock.now() + waitLimitMs;
  const wait = outageWait(deps, stopping, untilMs);
  let lease: HubLease | undefined;
  let leasedAtMs = 0;
  const perform = async (does: WorkerState['does']): Promise<WorkerFinding> => {
    if (does === 'look') return (await retryOnOutage(() => hasWork(deps), wait)) ? 'workLeft' : 'nothingLeft';
    if (does === 'acquire') {
      leasedAtMs = clock.now();
      lease = await leases.tryAcquire(hub.name); // once: a second try could meet a lease that the first one took
      return lease ? 'acquired' : 'held';
    }
    if (!lease) throw new TypeError(`A worker without the lease cannot ${does}.`);
    if (does === 'work') return workWithLease(deps, lease, { leasedAtMs, untilMs, wait });
    await release(lease, wait);
    return 'released';
  };
  let state = workerStart;
  while (state.does !== 'end') {
    const found = await perform(state.does);
    if (found === 'held') log.info('The hub has a worker already', { hub: hub.name });
    state = workerNext(state, found);
  }
  return state.wake;
}

async function workWithLease(
  deps: WorkerDeps,
  lease: HubLease,
  { leasedAtMs, untilMs, wait }: { leasedAtMs: number; untilMs: number; wait: OutageWait },
): Promise<Left> {
  const { hub, leases, log, clock, sliceMs, stopping } = deps;
  try {
    const answerGraceMs = Math.min(longestAnswerMs, waitLimitMs - sliceMs);
    const options = { clock, sliceMs, answerGraceMs, stopping, leasedAtMs, leaseDurationMs: leases.durationMs };
    const left = await runSlice(lease, options, (signals) => {
      const sliceWait = outageWait(deps, AbortSignal.any([signals.cutOff, signals.leaseLost]), untilMs);
      const documents = retryingDocuments(deps.documents, sliceWait);
      const pending = retryingPending(deps.pending, sliceWait);
      const wakeUps = retryingWakeUps(deps.wakeUps, sliceWait);
      return workerLoop({ ...deps, documents, pending, wakeUps }, signals);
    });
    log.info('Slice ended', { hub: hub.name, left });
    return left;
  } catch (error) {
    // The message comes again in a minute, and must not find the lease still held for nothing.
    await release(lease, wait);
    throw error;
  }
}

function release(lease: HubLease, wait: OutageWait): Promise<void> {
  return retryOnOutage(() => lease.release(), wait);
}

/** Waits until the signal is aborted, with its reason, or until `untilMs`, with what storage said last. */
function outageWait(
  { clock, log, hub }: { clock: Clock; log: Log; hub: { name: string } },
  signal: AbortSignal,
  untilMs: number,
): OutageWait {
  return async (attempt, error) => {
    const delayMs = outageDelayMs(attempt);
    if (clock.now() + delayMs > untilMs) throw error;
    if (attempt === 0) log.warn('Storage is out of reach; the worker waits', { hub: hub.name, ...errorFields(error) });
    await clock.sleep(delayMs, signal);
  };
}

/** Whether a worker would find something to do at this moment. */
export async function hasWork({
  hub,
  pending,
  documents,
}: Pick<WorkerDeps, 'hub' | 'pending'> & { documents: Documents }): Promise<boolean> {
  if (await pending.hasVisible(hub.name)) return true;
  return (await readHubDocument(documents, hub.name)).activeRun !== undefined;
}
