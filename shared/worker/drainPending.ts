import { isDeviceId } from '../deviceKey.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { type ModuleCreation, maxBulkIdentities, type Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { createMany } from '../reconcile/createMany.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { planDevice } from '../reconcile/planDevice.ts';
import type { PendingDevices, PendingMessage, Rings } from '../storage/queues.ts';
import type { Log } from '../telemetry/log.ts';
import { bulkWorthMs } from './sweep.ts';

/** A new identity may take seconds to become readable: so often, and after so long, a missing device is looked for again. */
const missingDelaysMs = [5_000, 15_000, 60_000, 300_000];
/** After trouble that was not the device's own. */
const troubleDelayMs = 30_000;
/** How long taken messages are hidden: longer than a slice's worth of work on them. */
const hiddenMs = 300_000;
/** Budget that one batch may use up, well within `hiddenMs`. */
const batchWorthMs = 120_000;

export interface PendingDeps {
  hub: string;
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  pending: PendingDevices;
  rings: Rings;
  log: Log;
}

/**
 * Reconciles one batch of pending devices: each is read by id, since the query index lags, and what they need is made in
 * bulk. Answers how many messages it took; 0 means that none is due. A message is removed only once its device is settled.
 */
export async function drainPending(deps: PendingDeps): Promise<number> {
  const messages = await takeBatch(deps);
  const byDevice = Map.groupBy(messages, ({ deviceId }) => deviceId);
  const wanted: ModuleCreation[] = [];
  for (const [deviceId, copies] of byDevice) {
    const creations = await readAndPlan(deps, deviceId, copies);
    if (creations.length > 0) wanted.push(...creations);
    else byDevice.delete(deviceId); // settled, or put back
  }
  const chunkSize = deps.budgets.registry.evenCost(bulkWorthMs, maxBulkIdentities);
  const outcomes: DeviceModuleOutcome[] = [];
  for (let from = 0; from < wanted.length; from += chunkSize) {
    outcomes.push(...(await createMany(deps.registry, wanted.slice(from, from + chunkSize))));
  }
  for (const [deviceId, copies] of byDevice) {
    await settle(
      deps,
      copies,
      outcomes.filter((outcome) => outcome.deviceId === deviceId),
    );
  }
  return messages.length;
}

async function takeBatch({ hub, pending, budgets }: PendingDeps): Promise<PendingMessage[]> {
  const max = Math.min(maxBulkIdentities, budgets.registry.worthOf(batchWorthMs));
  const messages: PendingMessage[] = [];
  while (messages.length < max) {
    const taken = await pending.take(hub, max - messages.length, hiddenMs);
    if (taken.length === 0) break;
    messages.push(...taken);
  }
  return messages;
}

/** What the device still needs; nothing if its messages are dealt with already. */
async function readAndPlan(deps: PendingDeps, deviceId: string, copies: PendingMessage[]): Promise<ModuleCreation[]> {
  const { hub, registry, policy, log } = deps;
  if (!isDeviceId(deviceId)) {
    log.error('A pending message names no device and is dropped', { hub });
    await removeAll(deps, copies);
    return [];
  }
  try {
    const device = await registry.getDevice(deviceId);
    const { settled, wanted } = planDevice(policy, device, registry.reachesDisabledDevices);
    for (const { moduleId, outcome, reason } of settled) {
      log.info('Pending device reconciled', { hub, deviceId, moduleId, outcome, reason });
    }
    if (wanted.length === 0) await removeAll(deps, copies);
    return wanted;
  } catch (error) {
    if (isHubError(error, 'deviceNotFound')) await retryMissing(deps, copies);
    else if (isHubError(error, 'unavailable')) await putBack(deps, copies, 0, troubleDelayMs);
    else throw error;
    return [];
  }
}

async function settle(deps: PendingDeps, copies: PendingMessage[], outcomes: DeviceModuleOutcome[]): Promise<void> {
  const { hub, log } = deps;
  for (const { deviceId, moduleId, outcome, reason } of outcomes) {
    log.info('Pending device reconciled', { hub, deviceId, moduleId, outcome, reason });
  }
  if (outcomes.some(({ outcome }) => outcome === 'gone')) await retryMissing(deps, copies);
  else if (outcomes.some(({ outcome }) => outcome === 'failed')) await retryMissing(deps, copies);
  else await removeAll(deps, copies);
}

/** Tries again later; a device that never appears, or never takes its module, is left to the next sweep. */
async function retryMissing(deps: PendingDeps, copies: PendingMessage[]): Promise<void> {
  const tries = Math.max(...copies.map((copy) => copy.tries));
  const delayMs = missingDelaysMs[tries];
  if (delayMs !== undefined) return putBack(deps, copies, 1, delayMs);
  deps.log.warn('A pending device is given up and left to the next sweep', {
    hub: deps.hub,
    deviceId: copies[0]?.deviceId,
    tries,
  });
  return removeAll(deps, copies);
}

/** Keeps one message of the device, and sees to it that somebody looks when it is due. */
async function putBack(deps: PendingDeps, copies: PendingMessage[], tried: number, delayMs: number): Promise<void> {
  const { hub, pending, rings } = deps;
  const [kept, ...others] = copies;
  if (!kept) return;
  const tries = Math.max(...copies.map((copy) => copy.tries)) + tried;
  await pending.putBack(hub, kept, { deviceId: kept.deviceId, tries }, delayMs);
  await removeAll(deps, others);
  await rings.ring(hub, delayMs);
}

async function removeAll({ hub, pending }: PendingDeps, messages: readonly PendingMessage[]): Promise<void> {
  for (const message of messages) await pending.remove(hub, message);
}
