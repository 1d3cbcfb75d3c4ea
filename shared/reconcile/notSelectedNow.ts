import { concurrently } from '../concurrently.ts';
import { isHubError } from '../hub/hubError.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { ModuleChange } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import { planDevice } from './planDevice.ts';
import type { ChangeNotes } from './settleSingly.ts';

/** How many changes are checked by id at the same time. */
export const readConcurrency = 32;

/**
 * Reads the device by id, because its tags may have changed, or it may have been created anew, since it was listed. Returns the
 * outcome of the module if its spec does not select the device any more; undefined if it does. Throws `HubError`.
 */
export async function whyNotSelectedNow(
  registry: Registry,
  policy: Policy,
  { deviceId, moduleId }: ModuleName,
  nowMs: number,
): Promise<Verdict | undefined> {
  const { settled } = planDevice(policy, await registry.getDevice(deviceId), registry, nowMs);
  const found = settled.find((outcome) => outcome.moduleId === moduleId);
  if (!found) return undefined;
  const { outcome, reason } = found;
  return { outcome, ...(reason === undefined ? {} : { reason }) };
}

/**
 * Finds the changes that must not be made now: those of devices that the policy does not select any more, with their outcomes, and
 * those whose device could not be read, which are noted. Throws `HubError` for a refusal of the app.
 */
export async function notSelectedNow(
  registry: Registry,
  policy: Policy,
  changes: readonly ModuleChange[],
  { nowMs, notes }: { nowMs: number; notes: Pick<ChangeNotes, 'failedOnce'> },
): Promise<{ left: ReadonlySet<ModuleChange>; settled: DeviceModuleOutcome[] }> {
  const settled: DeviceModuleOutcome[] = [];
  const left = new Set<ModuleChange>();
  await concurrently(changes, readConcurrency, async (change) => {
    const { deviceId, moduleId } = change;
    try {
      const verdict = await whyNotSelectedNow(registry, policy, change, nowMs);
      if (!verdict) return;
      settled.push({ deviceId, moduleId, ...verdict });
    } catch (error) {
      if (!isHubError(error)) throw error;
      const verdict = verdictOf(error.kind, error.code);
      if (verdict) settled.push({ deviceId, moduleId, ...verdict });
      else if (error.kind === 'unavailable') notes.failedOnce(change, error);
      else throw error;
    }
    left.add(change);
  });
  return { left, settled };
}
