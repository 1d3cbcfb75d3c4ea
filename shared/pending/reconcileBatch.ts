import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import { isDeviceId } from '../deviceKey.ts';
import { bulkSize, type HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { type ModuleCreation, maxBulkIdentities, type Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { blockedReason } from '../reconcile/blockedReason.ts';
import { createMany } from '../reconcile/createMany.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { planDevice } from '../reconcile/planDevice.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { PendingBatch, PendingEntry } from './pendingBatch.ts';
import { PendingSpans } from './pendingSpans.ts';

/** Budget that one batch may use up, well within the time for which its messages are hidden. */
const batchWorthMs = 120_000;
/** Devices that are read at the same time; reads are cheap, and one after the other they would be slower than creates. */
const readConcurrency = 8;

export interface PendingDeps {
  hub: string;
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  pause: Pause;
  log: Log;
  telemetry: Telemetry;
  clock: Clock;
}

interface DrainDeps extends PendingDeps {
  spans: PendingSpans;
}

/** How many messages a batch should take at the present rate: as many as the slice has time for, since each costs a read. */
export function batchSize({ registry }: HubBudgets, sliceLeftMs: number, specs: number): number {
  const devices = Math.ceil(registry.worthOf(Math.min(batchWorthMs, sliceLeftMs)) / specs);
  return Math.min(maxBulkIdentities, devices);
}

/**
 * Reconciles one batch of pending devices: each is read by id, since the query index lags, and what they need is made in
 * bulk. A message goes only once its device is settled; whatever ends this early leaves the others in the batch.
 */
export async function reconcileBatch(pendingDeps: PendingDeps, batch: PendingBatch): Promise<void> {
  const spans = new PendingSpans(pendingDeps.hub, pendingDeps.telemetry);
  const deps = { ...pendingDeps, spans };
  const wanted: ModuleCreation[] = [];
  try {
    await concurrently(batch.entries(), readConcurrency, async (entry) => {
      const needed = await spans.within(entry, () => readAndPlan(deps, batch, entry));
      if (needed.length === 0) spans.end(entry);
      wanted.push(...needed);
    });
    await createAll(deps, batch, wanted);
  } finally {
    spans.endAll();
  }
}

/** Each device is settled as soon as its last module is: what a slice has no time for is all that comes again. */
async function createAll(deps: DrainDeps, batch: PendingBatch, wanted: readonly ModuleCreation[]): Promise<void> {
  const open = new Map(
    batch.entries().map((entry) => [entry.deviceId, { entry, outcomes: [] as DeviceModuleOutcome[] }]),
  );
  const neededBy = Map.groupBy(wanted, ({ deviceId }) => deviceId);
  for (let from = 0; from < wanted.length; ) {
    const chunk = wanted.slice(from, from + bulkSize(deps.budgets));
    from += chunk.length;
    const entries = [...new Set(chunk.map(({ deviceId }) => open.get(deviceId)?.entry))].filter((entry) => !!entry);
    for (const outcome of await deps.spans.call(entries, () => createMany(deps.registry, chunk, deps.pause))) {
      const device = open.get(outcome.deviceId);
      device?.outcomes.push(outcome);
      if (!device || device.outcomes.length < (neededBy.get(outcome.deviceId)?.length ?? 0)) continue;
      await deps.spans.within(device.entry, () => settle(deps, batch, device.entry, device.outcomes));
      deps.spans.end(device.entry);
    }
  }
}

/** What the device still needs; nothing if it is dealt with already. */
async function readAndPlan(deps: DrainDeps, batch: PendingBatch, entry: PendingEntry): Promise<ModuleCreation[]> {
  const { hub, registry, policy, log, spans, clock } = deps;
  const { deviceId } = entry;
  if (!isDeviceId(deviceId)) {
    log.error('A pending message names no device and is dropped', { hub });
    await batch.remove(entry);
    return [];
  }
  try {
    const device = await registry.getDevice(deviceId);
    const { settled, wanted } = planDevice(policy, device, registry.reachesDisabledDevices);
    logOutcomes(deps, settled);
    if (settled.length > 0) spans.tell(entry, settled, clock.now());
    if (wanted.length === 0) await batch.remove(entry);
    return wanted;
  } catch (error) {
    if (!isHubError(error)) throw error;
    const reason = blockedReason(error.kind);
    if (reason !== undefined) {
      const blocked = policy.map(({ moduleId }) => ({ moduleId, outcome: 'blocked' as const, reason }));
      spans.tell(entry, blocked, clock.now());
      log.warn('Pending device blocked', { hub, deviceId, reason });
      await batch.remove(entry);
    } else if (error.kind === 'unavailable') {
      deps.telemetry.annotate({ outcome: 'pending', reason: error.message }, false);
      await batch.retryAfterTransientFailure(entry);
    } else if (error.kind === 'deviceNotFound' || error.kind === 'invalid') {
      const outcome = error.kind === 'invalid' ? ('failed' as const) : ('gone' as const);
      if (await retryOrGiveUp(deps, batch, entry, error.message)) return [];
      spans.tell(
        entry,
        policy.map(({ moduleId }) => ({ moduleId, outcome, reason: error.kind })),
        clock.now(),
      );
    } else {
      throw error; // the hub refuses us, not this device
    }
    return [];
  }
}

async function settle(
  deps: DrainDeps,
  batch: PendingBatch,
  entry: PendingEntry,
  outcomes: DeviceModuleOutcome[],
): Promise<void> {
  logOutcomes(deps, outcomes);
  const isSettled = ({ outcome }: DeviceModuleOutcome) => outcome !== 'gone' && outcome !== 'failed';
  const unsettled = outcomes.find((outcome) => !isSettled(outcome));
  const comesAgain = unsettled && (await retryOrGiveUp(deps, batch, entry, unsettled.reason ?? unsettled.outcome));
  if (!unsettled) await batch.remove(entry);
  deps.spans.tell(entry, comesAgain ? outcomes.filter(isSettled) : outcomes, deps.clock.now());
}

/** A device that never appears, or never takes its module, is left to the next sweep in the end: answers false then. */
async function retryOrGiveUp(
  { hub, log, telemetry }: PendingDeps,
  batch: PendingBatch,
  entry: PendingEntry,
  reason: string,
): Promise<boolean> {
  telemetry.annotate({ outcome: 'pending', reason }, false);
  if (await batch.retryLater(entry)) return true;
  const { deviceId, tries } = entry;
  log.warn('A pending device is given up and left to the next sweep', { hub, deviceId, tries, reason });
  await batch.remove(entry);
  return false;
}

function logOutcomes({ hub, log }: PendingDeps, outcomes: readonly DeviceModuleOutcome[]): void {
  for (const { deviceId, moduleId, outcome, reason } of outcomes) {
    log.info('Pending device reconciled', { hub, deviceId, moduleId, outcome, reason });
  }
}
