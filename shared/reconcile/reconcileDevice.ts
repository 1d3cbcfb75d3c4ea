import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { createOne } from './createOne.ts';
import type { ModuleOutcome } from './outcome.ts';
import { planDevice } from './planDevice.ts';
import { readUnlessBlocked } from './readUnlessBlocked.ts';

/**
 * Brings one device to the policy: one read by id, and one create-only call for each spec. Running it again changes
 * nothing. One outcome a spec, in the policy's order. Throws `HubError`; `deviceNotFound` if the device cannot be read.
 */
export async function reconcileDevice(registry: Registry, policy: Policy, deviceId: string): Promise<ModuleOutcome[]> {
  const device = await readUnlessBlocked(registry, deviceId);
  if ('blocked' in device)
    return policy.map(({ moduleId }) => ({ moduleId, outcome: 'blocked', reason: device.blocked }));
  const { settled, wanted } = planDevice(policy, device, registry.reachesDisabledDevices);
  const outcomes = new Map<string, ModuleOutcome>(settled.map((outcome) => [outcome.moduleId, outcome]));
  for (const creation of wanted) outcomes.set(creation.moduleId, await createOne(registry, creation));
  return policy
    .map(({ moduleId }) => outcomes.get(moduleId))
    .filter((outcome) => outcome !== undefined)
    .map(({ moduleId, outcome, reason }) => ({ moduleId, outcome, ...(reason === undefined ? {} : { reason }) }));
}
