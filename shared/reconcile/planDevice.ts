import { assertNever } from '../assertNever.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Exemption } from '../policy/exemption.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { selectSpec } from '../policy/selectSpec.ts';
import type { ModuleChange, StoredChange } from './moduleChange.ts';
import type { DeviceModuleOutcome, Verdict } from './outcome.ts';

/** The verdict on every pair of a hub whose tier has no modules. */
export const withoutModules = { outcome: 'blocked', reason: 'tierWithoutModules' } as const satisfies Verdict;

/** What the policy wants on one device, before it is known which modules the device has. */
export interface DevicePlan {
  /** Outcomes that follow from the device's data alone: excluded or blocked. */
  settled: DeviceModuleOutcome[];
  /** One change for each other spec; `compare` finds those that are needed. */
  wanted: ModuleChange[];
  /**
   * Changes that the hub would refuse, because the device is disabled. The module may be there all the same, so they are
   * compared like `wanted`, by `compareUnreachable`.
   */
  unreachable: ModuleChange[];
  /** What the exempt tag says, for each spec whose other conditions the device meets. */
  exemptions: DeviceExemption[];
}

/** The exemption of one device from one spec. */
export type DeviceExemption = ModuleName & Exemption;

/** What the hub can do at all, as its registry says. */
export type HubAbilities = Pick<Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

/** Plans the changes of one device as of `nowMs`; makes no call. On a hub without modules every selected spec is `blocked`. */
export function planDevice(policy: Policy, device: DeviceInfo, hub: HubAbilities, nowMs: number): DevicePlan {
  const plan: DevicePlan = { settled: [], wanted: [], unreachable: [], exemptions: [] };
  const { deviceId } = device;
  for (const spec of policy) {
    const { moduleId } = spec;
    const selection = selectSpec(spec, device, nowMs);
    if (selection.exemption) plan.exemptions.push({ deviceId, moduleId, ...selection.exemption });
    if (!selection.selected) {
      plan.settled.push({ deviceId, moduleId, outcome: 'excluded', reason: selection.reason });
    } else if (hub.tierHasModules) {
      const isReachable = device.status === 'enabled' || hub.reachesDisabledDevices;
      plan[isReachable ? 'wanted' : 'unreachable'].push(withTwin(spec, storedChange(spec, device)));
    } else {
      plan.settled.push({ deviceId, moduleId, ...withoutModules });
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
      return assertNever(spec.ensure);
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
      return assertNever(mode);
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
