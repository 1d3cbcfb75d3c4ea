import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { applyChange } from './applyChange.ts';
import type { DeviceModuleOutcome, ModuleOutcome } from './outcome.ts';
import { readAndPlan } from './readAndPlan.ts';

/**
 * Brings one device to its specs as of `nowMs`, except for removals: one read by id, then one create for each module that must only be there (a
 * create does not change an existing module), or a read and perhaps a write for each whose twin matters. Returns one outcome per spec, in the policy's order. Throws `HubError`; `deviceNotFound` if the device does not
 * exist.
 */
export async function reconcileDevice(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<ModuleOutcome[]> {
  const { settled, needed } = await readAndPlan(registry, policy, deviceId, nowMs);
  const outcomes: DeviceModuleOutcome[] = [...settled];
  for (const change of needed) outcomes.push(await applyChange(registry, change));
  const byModule = new Map(outcomes.map(({ deviceId: _same, ...outcome }) => [outcome.moduleId, outcome]));
  return policy.map(({ moduleId }) => byModule.get(moduleId)).filter((outcome) => outcome !== undefined);
}
