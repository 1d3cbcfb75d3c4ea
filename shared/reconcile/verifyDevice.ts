import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { selectSpec } from '../policy/selectSpec.ts';
import { readUnlessBlocked } from './readUnlessBlocked.ts';

export interface ModuleState {
  moduleId: string;
  state: 'present' | 'missing' | 'excluded';
  /** Why the spec does not take the device, or why a missing module cannot be made at present. */
  reason?: string;
}

/** Reads by id which of the policy's modules one device has; changes nothing. Throws `HubError` as `reconcileDevice`. */
export async function verifyDevice(registry: Registry, policy: Policy, deviceId: string): Promise<ModuleState[]> {
  const device = await readUnlessBlocked(registry, deviceId);
  if ('blocked' in device) {
    return policy.map(({ moduleId }) => ({ moduleId, state: 'missing', reason: device.blocked }));
  }
  const states: ModuleState[] = [];
  for (const spec of policy) {
    const { moduleId } = spec;
    const selection = selectSpec(spec, device);
    if (!selection.selected) {
      states.push({ moduleId, state: 'excluded', reason: selection.reason });
    } else if (await registry.hasModule({ deviceId, moduleId })) {
      states.push({ moduleId, state: 'present' });
    } else {
      const blocked = device.status === 'disabled' && !registry.reachesDisabledDevices;
      states.push({ moduleId, state: 'missing', ...(blocked ? { reason: 'disabled' } : {}) });
    }
  }
  return states;
}
