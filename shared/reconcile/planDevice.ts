import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { selectSpec } from '../policy/selectSpec.ts';
import { unreachable } from '../unreachable.ts';
import type { ModuleChange, StoredChange } from './moduleChange.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** What the policy wants on one device, before it is known which modules the device has. */
export interface DevicePlan {
  /** Outcomes that follow from the device's data alone: excluded or blocked. */
  settled: DeviceModuleOutcome[];
  /** One change for each other spec; `compare` finds those that are needed. */
  wanted: ModuleChange[];
}

/**
 * Plans the changes of one device; makes no call. If `reachesDisabledDevices` (see `Registry`) is false, a disabled device is
 * `blocked`.
 */
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

/** The change with the spec's twin seed, if it has one. */
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
 * `inherit`: a certificate-authority device gets a certificate-authority module, every other device a SAS module, as in the
 * Azure portal. A self-signed module would need certificate thumbprints, which do not exist yet for a new module.
 */
function authenticationOf({ authentication }: ModuleSpec, { authenticationType }: DeviceInfo) {
  if (authentication !== 'inherit') return authentication;
  return authenticationType === 'certificateAuthority' ? 'certificateAuthority' : 'sas';
}
