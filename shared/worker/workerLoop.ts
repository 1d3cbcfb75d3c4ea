import { type HubBudgets, hubBudgets, latelySpent, learnedRates } from '../hub/hubBudgets.ts';
import { recordingBudgetUsed, recordThrottled } from '../hub/hubMetrics.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import { pauseBy } from '../hub/retryDelay.ts';
import { PendingLoop } from '../pending/pendingLoop.ts';
import { type HubDocument, isNearlyFull, updateHubDocument } from '../run/hubDocument.ts';
import { LeaseLostError } from '../storage/leases.ts';
import type { WorkerFinding } from './protocol.ts';
import { RunLoop } from './runLoop.ts';
import { SliceEndedError, type SliceSignals } from './slice.ts';
import type { RunLoopDeps, WorkerDeps } from './workerDeps.ts';

/** How a slice ended, in the protocol's terms. */
export type SliceResult = Extract<WorkerFinding, 'idle' | 'more' | 'lost' | 'blocked'>;

/** Works on one hub during one slice: due pending devices first, then the active run. Throws errors that do not end a slice. */
export async function workerLoop(workerDeps: WorkerDeps, signals: SliceSignals): Promise<SliceResult> {
  const { hub, clock, random, telemetry, sliceMs } = workerDeps;
  const endsAtMs = clock.now() + sliceMs;
  const document = await readAndClearSpending(workerDeps);
  const budgets = hubBudgets(hub, clock, document);
  const registry = recordingBudgetUsed(workerDeps.registry, hub.name, budgets, telemetry);
  const deps: RunLoopDeps = { ...workerDeps, registry, budgets, signals };
  const pause = pauseBy({ clock, random, signal: signals.ended });
  const pending = new PendingLoop(
    { ...deps, registry: pendingRegistry(deps), pause },
    { endsAtMs, full: isNearlyFull(document) },
  );
  const runs = new RunLoop(deps);
  const save = async () => {
    await runs.save();
    signals.leaseLost.throwIfAborted();
    await saveBudgets(deps, budgets);
  };
  const recordBlocked = () => {
    const blocked = pending.wasRefused || runs.wasRefused;
    telemetry.gauge('keeper.hub_blocked', blocked ? 1 : 0, { hub: hub.name });
  };
  try {
    const result = await alternate(pending, runs, signals.ended);
    await save();
    recordBlocked();
    return result;
  } catch (error) {
    const result = await resultAfter(error, save);
    if (result !== 'lost') recordBlocked();
    return result;
  } finally {
    runs.close();
  }
}

/** Reconciles due pending devices, then does a step of the active run, until there are none. Rejects with the signal's reason. */
async function alternate(pending: PendingLoop, runs: RunLoop, ended: AbortSignal): Promise<'idle' | 'blocked'> {
  for (;;) {
    ended.throwIfAborted();
    if ((await pending.step()) === 'more') continue;
    const step = await runs.step();
    if (step === 'refused') return 'blocked';
    if (step === 'idle') return pending.wasRefused ? 'blocked' : 'idle';
  }
}

function pendingRegistry({ registry, budgets, clock, random, signals, hub, log, telemetry }: RunLoopDeps): Registry {
  return pacedRegistry(registry, {
    budgets,
    clock,
    random,
    signal: signals.ended,
    cutOff: signals.cutOff,
    beforeCall: async () => signals.ended.throwIfAborted(),
    onWaiting: async (reason) => {
      if (reason !== undefined) log.warn('Pending devices wait for the hub', { hub: hub.name, reason });
    },
    onThrottled: recordThrottled(telemetry, hub.name),
  });
}

/** The result of a slice that an error ended early; saves first. Rethrows an error that is not an end of the slice. */
async function resultAfter(error: unknown, save: () => Promise<void>): Promise<SliceResult> {
  if (isLeaseLost(error)) return 'lost';
  if (!(error instanceof SliceEndedError)) throw error;
  try {
    await save();
    return 'more';
  } catch (saveError) {
    // The next slice repeats what could not be saved, as after a lost lease.
    if (isLeaseLost(saveError) || saveError instanceof SliceEndedError) return 'lost';
    throw saveError;
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError || (error instanceof SliceEndedError && error.end === 'leaseLost');
}

/**
 * Reads what the previous slice stored, and removes its spending: if this slice crashes before it stores its own, the next
 * slice must not use outdated spending.
 */
async function readAndClearSpending({ hub, documents }: WorkerDeps): Promise<HubDocument> {
  let before: HubDocument = {};
  await updateHubDocument(documents, hub.name, (document) => {
    before = document;
    const { spending, ...rest } = document;
    return spending === undefined ? undefined : rest;
  });
  return before;
}

/** Stores learned rates and spending for the next slice. */
async function saveBudgets({ hub, documents }: WorkerDeps, budgets: HubBudgets): Promise<void> {
  await updateHubDocument(documents, hub.name, (document) => ({
    ...document,
    learnedRates: learnedRates(budgets),
    spending: latelySpent(budgets),
  }));
}
