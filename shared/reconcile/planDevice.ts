import type { ModuleCreation } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import { moduleAuthentication } from '../policy/moduleAuthentication.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { selectSpec } from '../policy/selectSpec.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** What the policy wants of one device, before the hub is asked which of its modules are there. */
export interface DevicePlan {
  /** Specs that the device's own data settle: excluded or blocked. */
  settled: DeviceModuleOutcome[];
  /** Modules that should be there. */
  wanted: ModuleCreation[];
}

/** `reachesDisabledDevices`: see `Registry`; a disabled device that cannot be reached is `blocked` without a call. */
export function planDevice(policy: Policy, device: DeviceInfo, reachesDisabledDevices: boolean): DevicePlan {
  const plan: DevicePlan = { settled: [], wanted: [] };
  const { deviceId } = device;
  for (const spec of policy) {
    const { moduleId } = spec;
    const selection = selectSpec(spec, device);
    if (!selection.selected) {
      plan.settled.push({ deviceId, moduleId, outcome: 'excluded', reason: selection.reason });
    } else if (device.status === 'disabled' && !reachesDisabledDevices) {
      plan.settled.push({ deviceId, moduleId, outcome: 'blocked', reason: 'disabled' });
    } else {
      plan.wanted.push(creationOf(spec, { deviceId, authentication: moduleAuthentication(spec, device) }));
    }
  }
  return plan;
}

/** What is sent to the hub to make this spec's module on a device. */
export function creationOf(
  spec: ModuleSpec,
  { deviceId, authentication }: Pick<ModuleCreation, 'deviceId' | 'authentication'>,
): ModuleCreation {
  const { mode, tags, desired } = spec.twin;
  const seeded = mode === 'seed' && (tags !== undefined || desired !== undefined);
  return {
    deviceId,
    moduleId: spec.moduleId,
    authentication,
    ...(seeded ? { twin: { ...(tags ? { tags } : {}), ...(desired ? { desired } : {}) } } : {}),
  };
}
