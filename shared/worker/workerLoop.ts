import { type HubBudgets, hubBudgets, latelySpent, learnedRates } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { recordingBudgetUsed } from '../hub/hubMetrics.ts';
import { pacedRegistry } from '../hub/pacedRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import { pauseBy } from '../hub/retryDelay.ts';
import { PendingBatch } from '../pending/pendingBatch.ts';
import { batchSize, type PendingDeps, reconcileBatch } from '../pending/reconcileBatch.ts';
import { type HubDocument, noteFull, updateHubDocument } from '../run/hubDocument.ts';
import { LeaseLostError } from '../storage/leases.ts';
import { recountHeadroom } from '../sweep/preflight.ts';
import { HubFullError } from '../sweep/stopRules.ts';
import { recordThrottled } from '../telemetry/tellThrottled.ts';
import { explainStop } from './explainStop.ts';
import type { WorkerFinding } from './protocol.ts';
import { RunLoop } from './runLoop.ts';
import { SliceEndedError, type SliceSignals } from './slice.ts';
import type { WorkerDeps } from './workerDeps.ts';

/** What is left when a slice ends, in the protocol's words. */
export type Left = Extract<WorkerFinding, 'idle' | 'more' | 'lost' | 'blocked'>;

/** A slice's work: pending devices first, and the active run for the rest of the time. */
export async function workerLoop(given: WorkerDeps, signals: SliceSignals): Promise<Left> {
  const { hub, documents, clock, random, log, telemetry } = given;
  const { ended: signal, cutOff } = signals;
  const endsAtMs = clock.now() + given.sliceMs;
  const document = await takeBudgets(given);
  const { fullSince } = document;
  const budgets = hubBudgets(hub, clock, document);
  const deps = { ...given, registry: recordingBudgetUsed(given.registry, hub.name, budgets, telemetry) };
  const runs = new RunLoop({ ...deps, budgets, signals });
  const registry = pacedRegistry(deps.registry, {
    budgets,
    clock,
    random,
    signal,
    cutOff,
    beforeCall: async () => signal.throwIfAborted(),
    onWaiting: async (reason) => {
      if (reason !== undefined) log.warn('Pending devices wait for the hub', { hub: hub.name, reason });
    },
    onThrottled: recordThrottled(telemetry, hub.name),
  });
  const pendingDeps = { ...deps, hub: hub.name, registry, budgets, pause: pauseBy({ clock, random, signal }) };
  const saveAll = async () => {
    await runs.save();
    signals.leaseLost.throwIfAborted();
    await keepBudgets(deps, budgets);
  };
  let refused = false;
  let headroomFound = false;
  const recordBlocked = () =>
    deps.telemetry.gauge('keeper.hub_blocked', refused || runs.wereRefused ? 1 : 0, { hub: hub.name });
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        if (!refused && fullSince !== undefined && !headroomFound) headroomFound = await findHeadroom(deps, registry);
        if (!refused && (await drainPending(deps, pendingDeps, endsAtMs - clock.now()))) continue;
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
    recordBlocked();
    return refused ? 'blocked' : 'idle';
  } catch (error) {
    const left = await endOfSlice(error, saveAll);
    if (left !== 'lost') recordBlocked();
    return left;
  } finally {
    runs.close();
  }
}

/** Looks whether a hub that was nearly full has places again. Throws `HubFullError` if not. */
async function findHeadroom({ hub, documents }: WorkerDeps, registry: Registry): Promise<true> {
  await recountHeadroom(registry, 1);
  await noteFull(documents, hub.name, undefined);
  return true;
}

/** Reconciles a batch of pending devices; false if none is due. */
async function drainPending(
  { hub, pending, wakeUps }: WorkerDeps,
  deps: PendingDeps,
  sliceLeftMs: number,
): Promise<boolean> {
  const batch = await PendingBatch.take(
    hub.name,
    { pending, wakeUps },
    batchSize(deps.budgets, sliceLeftMs, deps.policy.length),
  );
  if (!batch) return false;
  try {
    await reconcileBatch(deps, batch);
  } finally {
    await batch.putBackAll();
  }
  return true;
}

/** What an end before the work's own end leaves behind. Throws what is not the slice's end. */
async function endOfSlice(error: unknown, saveAll: () => Promise<void>): Promise<Left> {
  if (isLeaseLost(error)) return 'lost';
  if (!(error instanceof SliceEndedError)) throw error;
  try {
    await saveAll();
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
 * What the slice before has left. The note of what it spent is taken away: should this slice end without a note of its own,
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
