import { type HubBudgets, hubBudgets, learnedRates } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import { pauseBy } from '../hub/retryDelay.ts';
import type { Documents } from '../storage/documents.ts';
import { type HubLease, LeaseLostError } from '../storage/leases.ts';
import { tellThrottled } from '../telemetry/tellThrottled.ts';
import { batchSize, drainBatch, type PendingDeps } from './drainBatch.ts';
import { explainStop } from './explainStop.ts';
import { noteFull, readHubDocument, updateHubDocument } from './hubDocument.ts';
import type { HubWorkerDeps } from './hubWorkerDeps.ts';
import { PendingBatch } from './pendingBatch.ts';
import { recountPlaces } from './preflight.ts';
import { type WorkerFinding, type WorkerState, workerNext, workerStart } from './protocol.ts';
import { RunWork } from './runWork.ts';
import { runSlice, SliceEndedError } from './slice.ts';
import { HubFullError } from './stopRules.ts';

/**
 * One slice of a hub's work: takes the lease or leaves; then pending devices first, and the active run for the rest of
 * the time. Answers whether the hub must be rung again. The order of all this is the protocol's.
 */
export async function workOnHub(deps: HubWorkerDeps): Promise<boolean> {
  const { hub, leases, log } = deps;
  if (hub.paused) {
    log.info('The hub is paused; its work waits', { hub: hub.name });
    return false;
  }
  let lease: HubLease | undefined;
  let leasedAtMs = 0;
  const perform = async (does: WorkerState['does']): Promise<WorkerFinding> => {
    if (does === 'look') return (await hasWork(deps)) ? 'workLeft' : 'nothingLeft';
    if (does === 'acquire') {
      leasedAtMs = deps.clock.now();
      lease = await leases.tryAcquire(hub.name);
      return lease ? 'acquired' : 'held';
    }
    if (!lease) throw new TypeError(`A worker without the lease cannot ${does}.`);
    if (does === 'work') return workWithLease(deps, lease, leasedAtMs);
    await lease.release();
    return 'released';
  };
  let state = workerStart;
  while (state.does !== 'end') {
    const found = await perform(state.does);
    if (found === 'held') log.info('The hub has a worker already', { hub: hub.name });
    state = workerNext(state, found);
  }
  return state.ring;
}

async function workWithLease(deps: HubWorkerDeps, lease: HubLease, leasedAtMs: number): Promise<Left> {
  const { hub, leases, log, clock, sliceMs, stopping } = deps;
  try {
    const options = { clock, sliceMs, stopping, leasedAtMs, leaseDurationMs: leases.durationMs };
    const left = await runSlice(lease, options, (signal) => drain(deps, signal));
    log.info('Slice ended', { hub: hub.name, left });
    if (left !== 'lost') deps.telemetry.gauge('keeper.hub_blocked', left === 'blocked' ? 1 : 0, { hub: hub.name });
    return left;
  } catch (error) {
    // The message comes again in a minute, and must not find the lease still held for nothing.
    await lease.release();
    throw error;
  }
}

/** Whether a worker would find something to do at this moment. */
export async function hasWork({
  hub,
  pending,
  documents,
}: Pick<HubWorkerDeps, 'hub' | 'pending'> & { documents: Documents }): Promise<boolean> {
  if (await pending.hasVisible(hub.name)) return true;
  return (await readHubDocument(documents, hub.name)).activeRun !== undefined;
}

async function drain(deps: HubWorkerDeps, signal: AbortSignal): Promise<Left> {
  const { hub, documents, clock, random, log } = deps;
  const { learnedRates: learned, fullSince } = await readHubDocument(documents, hub.name);
  const budgets = hubBudgets(hub, clock, learned);
  const runs = new RunWork({ ...deps, budgets, signal });
  const registry = pacedRegistry(deps.registry, {
    budgets,
    clock,
    random,
    signal,
    beforeCall: async () => signal.throwIfAborted(),
    onWaiting: async (reason) => {
      if (reason !== undefined) log.warn('Pending devices wait for the hub', { hub: hub.name, reason });
    },
    onThrottled: tellThrottled(deps.telemetry, hub.name),
  });
  const pendingDeps = { ...deps, hub: hub.name, registry, budgets, pause: pauseBy({ clock, random, signal }) };
  const saveAll = async () => {
    await runs.save();
    await keepLearnedRates(deps, budgets);
  };
  let refused = false;
  let placesFound = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        if (!refused && fullSince !== undefined && !placesFound) placesFound = await findPlaces(deps, registry);
        if (!refused && (await drainPending(deps, pendingDeps))) continue;
      } catch (error) {
        if (!isHubError(error) && !(error instanceof HubFullError)) throw error;
        if (isHubError(error, 'identityCap')) await noteFull(documents, hub.name, new Date(clock.now()).toISOString());
        // They stay in their queue. A run is not skipped for it: it meets the same refusal, and says so in its record.
        log.error('Pending devices cannot be reconciled', {
          hub: hub.name,
          reason: isHubError(error) ? explainStop(error, hub) : error.message,
        });
        refused = true;
      }
      const step = await runs.step();
      refused ||= step === 'refused';
      if (step !== 'more') break;
    }
    await saveAll();
    return refused ? 'blocked' : 'idle';
  } catch (error) {
    return await endOfDrain(error, saveAll);
  } finally {
    runs.close();
  }
}

/** Looks whether a hub that was nearly full has places again. Throws `HubFullError` if not. */
async function findPlaces({ hub, documents }: HubWorkerDeps, registry: Registry): Promise<true> {
  await recountPlaces(registry, 1);
  await noteFull(documents, hub.name, undefined);
  return true;
}

/** Reconciles a batch of pending devices; false if none is due. */
async function drainPending({ hub, pending, rings }: HubWorkerDeps, deps: PendingDeps): Promise<boolean> {
  const batch = await PendingBatch.take(hub.name, { pending, rings }, batchSize(deps.budgets));
  if (!batch) return false;
  try {
    await drainBatch(deps, batch);
  } finally {
    await batch.putBackAll();
  }
  return true;
}

type Left = Extract<WorkerFinding, 'idle' | 'more' | 'lost' | 'blocked'>;

/** What an end before the work's own end leaves behind. Throws what is not the slice's end. */
async function endOfDrain(error: unknown, saveAll: () => Promise<void>): Promise<Left> {
  if (isLeaseLost(error)) return 'lost';
  if (!(error instanceof SliceEndedError)) throw error;
  try {
    await saveAll();
    return 'more';
  } catch (saveError) {
    if (isLeaseLost(saveError)) return 'lost';
    throw saveError;
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError || (error instanceof SliceEndedError && error.end === 'leaseLost');
}

async function keepLearnedRates({ hub, documents }: HubWorkerDeps, budgets: HubBudgets): Promise<void> {
  const rates = learnedRates(budgets);
  await updateHubDocument(documents, hub.name, (document) => {
    if (JSON.stringify(document.learnedRates ?? {}) === JSON.stringify(rates)) return undefined;
    return { ...document, learnedRates: rates };
  });
}
