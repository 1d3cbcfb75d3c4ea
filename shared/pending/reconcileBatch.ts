import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import type { HubConfig } from '../config/config.ts';
import { isDeviceId } from '../deviceKey.ts';
import { bulkSize, type HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { applyChanges } from '../reconcile/applyChanges.ts';
import type { ModuleChange } from '../reconcile/moduleChange.ts';
import { type DeviceModuleOutcome, outcomeFacts, verdictOf } from '../reconcile/outcome.ts';
import { failureDelaysMs } from '../reconcile/ownFailures.ts';
import { readAndPlan } from '../reconcile/reconcileDevice.ts';
import { failedVerdict } from '../reconcile/settleSingly.ts';
import { RepairBatch } from '../run/repairBatch.ts';
import type { Documents } from '../storage/documents.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { missingDelaysMs, type PendingBatch, type PendingEntry } from './pendingBatch.ts';
import { PendingSpans } from './pendingSpans.ts';

/** Storage calls at the same time. Each settled device is one call; one call at a time would limit the rate on a large hub. */
const settleConcurrency = 16;

/** What reconciling one batch needs. */
export interface BatchDeps {
  hub: HubConfig;
  /** A `pacedRegistry`: each call first waits until `budgets` has an operation left for it. */
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  pause: Pause;
  log: Log;
  telemetry: Telemetry;
  clock: Clock;
  documents: Documents;
  /** Called with the outcomes of a device that is left to the next sweep. */
  onGivenUp(outcomes: readonly DeviceModuleOutcome[]): void;
}

interface EntryDeps extends BatchDeps {
  batch: PendingBatch;
  spans: PendingSpans;
  /** Undefined if no device of the batch is there for a repair. */
  repairs: RepairBatch | undefined;
}

/**
 * Reconciles one batch of pending devices: reads each by id, because the query index lags, and makes the changes of all in
 * bulk. A message is removed only after its device is settled; if this throws, the other devices remain in the batch. Throws
 * as `applyChanges`.
 */
export async function reconcileBatch(batchDeps: BatchDeps, batch: PendingBatch): Promise<void> {
  const spans = new PendingSpans(batchDeps.hub.name, batchDeps.telemetry);
  const hasRepair = batch.entries().some(({ repair }) => repair);
  const repairs = hasRepair ? await RepairBatch.begin(batchDeps, batchDeps.hub.name) : undefined;
  const deps = { ...batchDeps, batch, spans, repairs };
  const wanted: ModuleChange[] = [];
  try {
    // Reading one device at a time would be slower than the creates.
    await concurrently(batch.entries(), batchDeps.budgets.twinReads.concurrency(1), async (entry) => {
      const needed = await spans.within(entry, () => planEntry(deps, entry));
      if (needed.length === 0) spans.end(entry);
      wanted.push(...needed);
    });
    await applyAll(deps, wanted);
  } finally {
    spans.endAll();
    await repairs?.save();
  }
}

/** Settles each device as soon as its last module has an outcome, so that an early end of the slice repeats little. */
async function applyAll(deps: EntryDeps, wanted: readonly ModuleChange[]): Promise<void> {
  const entries = new Map(deps.batch.entries().map((entry) => [entry.deviceId, entry]));
  const outcomesByDevice = new Map<string, DeviceModuleOutcome[]>();
  const wantedByDevice = Map.groupBy(wanted, ({ deviceId }) => deviceId);
  for (let from = 0; from < wanted.length; ) {
    const chunk = wanted.slice(from, from + bulkSize(deps.budgets));
    from += chunk.length;
    const chunkEntries = [...new Set(chunk.map(({ deviceId }) => entries.get(deviceId)))].filter((entry) => !!entry);
    const apply = () => applyChanges(deps.registry, chunk, deps.pause);
    const complete: { entry: PendingEntry; outcomes: DeviceModuleOutcome[] }[] = [];
    for (const outcome of await deps.spans.call(chunkEntries, apply)) {
      const outcomes = [...(outcomesByDevice.get(outcome.deviceId) ?? []), outcome];
      outcomesByDevice.set(outcome.deviceId, outcomes);
      const entry = entries.get(outcome.deviceId);
      if (entry && outcomes.length === wantedByDevice.get(outcome.deviceId)?.length) complete.push({ entry, outcomes });
    }
    await concurrently(complete, settleConcurrency, async ({ entry, outcomes }) => {
      await deps.spans.within(entry, () => settle(deps, entry, outcomes));
      deps.spans.end(entry);
    });
  }
}

/** The changes that the device needs; none if it is settled or put back. */
async function planEntry(deps: EntryDeps, entry: PendingEntry): Promise<ModuleChange[]> {
  const { hub, registry, log, batch } = deps;
  const { deviceId } = entry;
  const policy = repairsOf(deps, entry)?.policyFor(deviceId, deps.policy) ?? deps.policy;
  if (!isDeviceId(deviceId)) {
    log.error('Pending message without a valid device id removed', { hub: hub.name });
    await batch.remove(entry);
    return [];
  }
  try {
    const { settled, needed } = await readAndPlan(registry, policy, deviceId, deps.clock.now());
    if (needed.length === 0) await settle(deps, entry, settled);
    else recordOutcomes(deps, entry, settled);
    return needed;
  } catch (error) {
    if (!isHubError(error)) throw error;
    // `pacedRegistry` has waited out an outage, so an unavailable read is the device's own failure.
    const verdict = error.kind === 'unavailable' ? failedVerdict(error) : verdictOf(error.kind, error.code);
    if (verdict === undefined) throw error; // the hub refuses the app, not this device
    const outcomes = policy.map(({ moduleId }) => ({ deviceId, moduleId, reason: error.kind, ...verdict }));
    await settle(deps, entry, outcomes);
    return [];
  }
}

/** Removes the device from the queue if all outcomes are final; else puts it back for a retry. */
async function settle(deps: EntryDeps, entry: PendingEntry, outcomes: readonly DeviceModuleOutcome[]): Promise<void> {
  const isFinal = ({ outcome }: DeviceModuleOutcome) => outcomeFacts[outcome].final;
  const notFinal = outcomes.find((outcome) => !isFinal(outcome));
  const willRetry = notFinal && (await retryOrGiveUp(deps, entry, notFinal));
  if (!notFinal) await deps.batch.remove(entry);
  else if (!willRetry) deps.onGivenUp(outcomes.filter((outcome) => !isFinal(outcome)));
  recordOutcomes(deps, entry, willRetry ? outcomes.filter(isFinal) : outcomes);
}

/** Puts the device back for a retry; after its last try removes it, for the next sweep to find, and returns false. */
async function retryOrGiveUp(
  { hub, log, telemetry, batch }: EntryDeps,
  entry: PendingEntry,
  notFinal: DeviceModuleOutcome,
): Promise<boolean> {
  const reason = notFinal.reason ?? notFinal.outcome;
  const delaysMs = notFinal.outcome === 'gone' ? missingDelaysMs : failureDelaysMs;
  telemetry.annotate({ outcome: 'pending', reason }, false);
  if (await batch.retryLater(entry, delaysMs)) return true;
  const { deviceId, tries } = entry;
  log.warn('Pending device removed after its last try; the next sweep covers it', {
    hub: hub.name,
    deviceId,
    tries,
    reason,
  });
  await batch.remove(entry);
  return false;
}

function repairsOf({ repairs }: EntryDeps, { repair }: PendingEntry): RepairBatch | undefined {
  return repair ? repairs : undefined;
}

function recordOutcomes(deps: EntryDeps, entry: PendingEntry, outcomes: readonly DeviceModuleOutcome[]): void {
  if (outcomes.length === 0) return;
  const { hub, log, spans, clock } = deps;
  repairsOf(deps, entry)?.add(entry.deviceId, outcomes);
  for (const { deviceId, moduleId, outcome, reason } of outcomes) {
    log.info('Pending device reconciled', { hub: hub.name, deviceId, moduleId, outcome, reason });
  }
  spans.record(entry, outcomes, clock.now());
}
