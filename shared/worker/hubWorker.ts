import { type HubBudgets, hubBudgets, learnedRates } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Documents } from '../storage/documents.ts';
import { type HubLease, LeaseLostError } from '../storage/leases.ts';
import { drainPending } from './drainPending.ts';
import { explainStop } from './explainStop.ts';
import { readHubDocument, updateHubDocument } from './hubDocument.ts';
import type { HubWorkerDeps } from './hubWorkerDeps.ts';
import { type WorkerFinding, type WorkerState, workerNext, workerStart } from './protocol.ts';
import { RunWork } from './runWork.ts';
import { runSlice, SliceEndedError } from './slice.ts';

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
  const perform = async (does: WorkerState['does']): Promise<WorkerFinding> => {
    if (does === 'look') return (await hasWork(deps)) ? 'workLeft' : 'nothingLeft';
    if (does === 'acquire') {
      lease = await leases.tryAcquire(hub.name);
      return lease ? 'acquired' : 'held';
    }
    if (!lease) throw new TypeError(`A worker without the lease cannot ${does}.`);
    if (does === 'work') return workWithLease(deps, lease);
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

async function workWithLease(deps: HubWorkerDeps, lease: HubLease): Promise<Left> {
  const { hub, leases, log, clock, sliceMs, stopping } = deps;
  try {
    const options = { clock, sliceMs, stopping, leaseDurationMs: leases.durationMs };
    const left = await runSlice(lease, options, (signal) => drain(deps, signal));
    log.info('Slice ended', { hub: hub.name, left });
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
  const { learnedRates: learned } = await readHubDocument(documents, hub.name);
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
  });
  const pendingDeps = { ...deps, hub: hub.name, registry, budgets };
  const saveAll = async () => {
    await runs.save();
    await keepLearnedRates(deps, budgets);
  };
  try {
    for (;;) {
      signal.throwIfAborted();
      if ((await drainPending(pendingDeps)) > 0) continue;
      if ((await runs.step()) === 'idle') break;
    }
    await saveAll();
    return 'idle';
  } catch (error) {
    return endOfDrain(deps, error, saveAll);
  }
}

type Left = Extract<WorkerFinding, 'idle' | 'more' | 'lost' | 'blocked'>;

/** What an end before the work's own end leaves behind. Throws what is neither the slice's end nor the hub's word. */
async function endOfDrain({ hub, log }: HubWorkerDeps, error: unknown, saveAll: () => Promise<void>): Promise<Left> {
  if (isLeaseLost(error)) return 'lost';
  if (!(error instanceof SliceEndedError) && !isHubError(error)) throw error;
  try {
    await saveAll();
  } catch (saveError) {
    if (isLeaseLost(saveError)) return 'lost';
    throw saveError;
  }
  if (error instanceof SliceEndedError) return 'more';
  // Pending devices met a refusal of the hub as a whole; they stay in their queue, and the watch rings again.
  log.error('Pending devices cannot be reconciled', { hub: hub.name, reason: explainStop(error, hub) });
  return 'blocked';
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
