import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { selectSpec } from '../policy/selectSpec.ts';
import { unreachable } from '../unreachable.ts';
import type { ModuleChange, StoredChange } from './moduleChange.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** What the policy wants of one device, before it is known which modules the device has. */
export interface DevicePlan {
  /** Specs that the device's own data settle: excluded or blocked. */
  settled: DeviceModuleOutcome[];
  /** One change for each other spec; `compare` says which of them are needed. */
  wanted: ModuleChange[];
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
      plan.wanted.push(withTwin(spec, storedChange(spec, device)));
    }
  }
  return plan;
}

function storedChange(spec: ModuleSpec, device: DeviceInfo): StoredChange {
  switch (spec.ensure) {
    case 'present': {
      const { deviceId } = device;
      return { do: 'create', deviceId, moduleId: spec.moduleId, authentication: authenticationOf(spec, device) };
    }
    default:
      return unreachable(spec.ensure);
  }
}

/** Adds what the spec writes into the twin. */
export function withTwin(spec: ModuleSpec, change: StoredChange): ModuleChange {
  const twin = twinSeed(spec);
  return { ...change, ...(twin ? { twin } : {}) };
}

function twinSeed({ twin: { mode, tags, desired } }: ModuleSpec): ModuleChange['twin'] {
  switch (mode) {
    case 'off':
      return undefined;
    case 'seed':
      if (tags === undefined && desired === undefined) return undefined;
      return { ...(tags ? { tags } : {}), ...(desired ? { desired } : {}) };
    default:
      return unreachable(mode);
  }
}

/**
 * `inherit` follows the device: a certificate-authority device gets a certificate-authority module, every other one a SAS
 * module, as the portal makes it. A self-signed module would need thumbprints that nobody has for a new module.
 */
function authenticationOf({ authentication }: ModuleSpec, { authenticationType }: DeviceInfo) {
  if (authentication !== 'inherit') return authentication;
  return authenticationType === 'certificateAuthority' ? 'certificateAuthority' : 'sas';
}
