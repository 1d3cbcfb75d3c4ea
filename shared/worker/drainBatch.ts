import { isDeviceId } from '../deviceKey.ts';
import { bulkSize, type HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { type ModuleCreation, maxBulkIdentities, type Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { blockedReason } from '../reconcile/blockedReason.ts';
import { createMany } from '../reconcile/createMany.ts';
import { inLanes } from '../reconcile/inLanes.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { planDevice } from '../reconcile/planDevice.ts';
import type { Log } from '../telemetry/log.ts';
import type { PendingBatch, PendingEntry } from './pendingBatch.ts';

/** Budget that one batch may use up, well within the time for which its messages are hidden. */
const batchWorthMs = 120_000;
/** Devices that are read at the same time; reads are cheap, and one after the other they would be slower than creates. */
const readsAtOnce = 8;

export interface PendingDeps {
  hub: string;
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  pause: Pause;
  log: Log;
}

/** How many messages a batch should take at the present rate. */
export function batchSize({ registry }: HubBudgets): number {
  return Math.min(maxBulkIdentities, registry.worthOf(batchWorthMs));
}

/**
 * Reconciles one batch of pending devices: each is read by id, since the query index lags, and what they need is made in
 * bulk. A message goes only once its device is settled; whatever ends this early leaves the others in the batch.
 */
export async function drainBatch(deps: PendingDeps, batch: PendingBatch): Promise<void> {
  const wanted: ModuleCreation[] = [];
  await inLanes(batch.entries(), readsAtOnce, async (entry) => {
    wanted.push(...(await readAndPlan(deps, batch, entry)));
  });
  await createAll(deps, batch, wanted);
}

/** Each device is settled as soon as its last module is: what a slice has no time for is all that comes again. */
async function createAll(deps: PendingDeps, batch: PendingBatch, wanted: readonly ModuleCreation[]): Promise<void> {
  const open = new Map(
    batch.entries().map((entry) => [entry.deviceId, { entry, outcomes: [] as DeviceModuleOutcome[] }]),
  );
  const neededBy = Map.groupBy(wanted, ({ deviceId }) => deviceId);
  for (let from = 0; from < wanted.length; ) {
    const chunk = wanted.slice(from, from + bulkSize(deps.budgets));
    from += chunk.length;
    for (const outcome of await createMany(deps.registry, chunk, deps.pause)) {
      const device = open.get(outcome.deviceId);
      device?.outcomes.push(outcome);
      if (!device || device.outcomes.length < (neededBy.get(outcome.deviceId)?.length ?? 0)) continue;
      await settle(deps, batch, device.entry, device.outcomes);
    }
  }
}

/** What the device still needs; nothing if it is dealt with already. */
async function readAndPlan(deps: PendingDeps, batch: PendingBatch, entry: PendingEntry): Promise<ModuleCreation[]> {
  const { hub, registry, policy, log } = deps;
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
    if (wanted.length === 0) await batch.remove(entry);
    return wanted;
  } catch (error) {
    if (!isHubError(error)) throw error;
    const reason = blockedReason(error.kind);
    if (reason !== undefined) {
      log.warn('Pending device blocked', { hub, deviceId, reason });
      await batch.remove(entry);
    } else if (error.kind === 'unavailable') {
      await batch.retryAfterTrouble(entry);
    } else if (error.kind === 'deviceNotFound' || error.kind === 'invalid') {
      await retryOrGiveUp(deps, batch, entry, error.message);
    } else {
      throw error; // the hub refuses us, not this device
    }
    return [];
  }
}

async function settle(
  deps: PendingDeps,
  batch: PendingBatch,
  entry: PendingEntry,
  outcomes: DeviceModuleOutcome[],
): Promise<void> {
  logOutcomes(deps, outcomes);
  const unsettled = outcomes.find(({ outcome }) => outcome === 'gone' || outcome === 'failed');
  if (unsettled) await retryOrGiveUp(deps, batch, entry, unsettled.reason ?? unsettled.outcome);
  else await batch.remove(entry);
}

/** A device that never appears, or never takes its module, is left to the next sweep in the end. */
async function retryOrGiveUp(
  { hub, log }: PendingDeps,
  batch: PendingBatch,
  entry: PendingEntry,
  reason: string,
): Promise<void> {
  if (await batch.retryLater(entry)) return;
  const { deviceId, tries } = entry;
  log.warn('A pending device is given up and left to the next sweep', { hub, deviceId, tries, reason });
  await batch.remove(entry);
}

function logOutcomes({ hub, log }: PendingDeps, outcomes: readonly DeviceModuleOutcome[]): void {
  for (const { deviceId, moduleId, outcome, reason } of outcomes) {
    log.info('Pending device reconciled', { hub, deviceId, moduleId, outcome, reason });
  }
}
