import { type HubBudgets, hubBudgets, latelySpent, learnedRates } from '../hub/hubBudgets.ts';
import { recordingBudgetUsed, recordThrottled } from '../hub/hubMetrics.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import { pauseBy } from '../hub/retryDelay.ts';
import { PendingLoop } from '../pending/pendingLoop.ts';
import { type HubDocument, updateHubDocument } from '../run/hubDocument.ts';
import { LeaseLostError } from '../storage/leases.ts';
import type { WorkerFinding } from './protocol.ts';
import { RunLoop } from './runLoop.ts';
import { SliceEndedError, type SliceSignals } from './slice.ts';
import type { RunLoopDeps, WorkerDeps } from './workerDeps.ts';

/** What is left when a slice ends, in the protocol's words. */
export type Left = Extract<WorkerFinding, 'idle' | 'more' | 'lost' | 'blocked'>;

/** A slice's work: pending devices first, and the active run for the rest of the time. */
export async function workerLoop(given: WorkerDeps, signals: SliceSignals): Promise<Left> {
  const { hub, clock, random, telemetry, sliceMs } = given;
  const endsAtMs = clock.now() + sliceMs;
  const document = await takeBudgets(given);
  const budgets = hubBudgets(hub, clock, document);
  const registry = recordingBudgetUsed(given.registry, hub.name, budgets, telemetry);
  const deps: RunLoopDeps = { ...given, registry, budgets, signals };
  const pause = pauseBy({ clock, random, signal: signals.ended });
  const pending = new PendingLoop(
    { ...deps, registry: pendingRegistry(deps), pause },
    { endsAtMs, full: document.fullSince !== undefined },
  );
  const runs = new RunLoop(deps);
  const save = async () => {
    await runs.save();
    signals.leaseLost.throwIfAborted();
    await keepBudgets(deps, budgets);
  };
  const recordBlocked = () => {
    const blocked = pending.wasRefused || runs.wasRefused;
    telemetry.gauge('keeper.hub_blocked', blocked ? 1 : 0, { hub: hub.name });
  };
  try {
    const end = await alternate(pending, runs, signals.ended);
    await save();
    recordBlocked();
    return end;
  } catch (error) {
    const left = await endOfSlice(error, save);
    if (left !== 'lost') recordBlocked();
    return left;
  } finally {
    runs.close();
  }
}

/** Pending devices, then a step of the active run, until neither is left. Rejects with the signal's reason. */
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

/** What an end before the work's own end leaves behind. Throws what is not the slice's end. */
async function endOfSlice(error: unknown, save: () => Promise<void>): Promise<Left> {
  if (isLeaseLost(error)) return 'lost';
  if (!(error instanceof SliceEndedError)) throw error;
  try {
    await save();
    return 'more';
  } catch (saveError) {
    // What could not be saved in time is found again by the next slice, as after a lost lease.
    if (isLeaseLost(saveError) || saveError instanceof SliceEndedError) return 'lost';
    throw saveError;
  }
}

function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError || (error instanceof SliceEndedError && error.end === 'leaseLost');
}

/**
 * What the slice before has left. The note of what it spent is removed: should this slice end without a note of its own,
 * the next one must not believe an older one.
 */
async function takeBudgets({ hub, documents }: WorkerDeps): Promise<HubDocument> {
  let found: HubDocument = {};
  await updateHubDocument(documents, hub.name, (document) => {
    found = document;
    const { spending, ...rest } = document;
    return spending === undefined ? undefined : rest;
  });
  return found;
}

/** The next slice goes on with what this one has learned and spent. */
async function keepBudgets({ hub, documents }: WorkerDeps, budgets: HubBudgets): Promise<void> {
  await updateHubDocument(documents, hub.name, (document) => ({
    ...document,
    learnedRates: learnedRates(budgets),
    spending: latelySpent(budgets),
  }));
}
