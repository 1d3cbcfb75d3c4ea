import type { ModuleCreation, ModuleName, Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Exemption } from '../policy/exemption.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { selectSpec } from '../policy/selectSpec.ts';
import type { DeviceModuleOutcome, Verdict } from './outcome.ts';

/** The verdict on every pair of a hub whose tier has no modules. */
export const withoutModules = { outcome: 'blocked', reason: 'tierWithoutModules' } as const satisfies Verdict;

/** A spec that selects a device: what is wanted of one module, before it is known whether the device has it. */
export interface Wish extends ModuleName {
  spec: ModuleSpec;
  /** How the module authenticates if it must be created. */
  authentication: ModuleCreation['authentication'];
  /** Whether the hub allows the app to create and remove modules of the device; false for a disabled device under a SAS key. */
  isReachable: boolean;
}

/** What the policy wants on one device. */
export interface DevicePlan {
  /** Outcomes that follow from the device's data alone: excluded or blocked. */
  settled: DeviceModuleOutcome[];
  /** One wish for each spec that is not settled; `decide` says which change it needs. */
  wishes: Wish[];
  /** What the exempt tag says, for each spec whose other conditions the device meets. */
  exemptions: DeviceExemption[];
}

/** The exemption of one device from one spec. */
export type DeviceExemption = ModuleName & Exemption;

/** What the hub supports, as its registry says. */
export type HubAbilities = Pick<Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

/** Plans one device as of `nowMs`; makes no call. On a hub without modules every selected spec is `blocked`. */
export function planDevice(policy: Policy, device: DeviceInfo, hub: HubAbilities, nowMs: number): DevicePlan {
  const plan: DevicePlan = { settled: [], wishes: [], exemptions: [] };
  const { deviceId } = device;
  for (const spec of policy) {
    const { moduleId } = spec;
    const selection = selectSpec(spec, device, nowMs);
    if (selection.exemption) plan.exemptions.push({ deviceId, moduleId, ...selection.exemption });
    if (!selection.selected) {
      plan.settled.push({ deviceId, moduleId, outcome: 'excluded', reason: selection.reason });
    } else if (hub.tierHasModules) {
      const isReachable = device.status === 'enabled' || hub.reachesDisabledDevices;
      plan.wishes.push({ deviceId, moduleId, spec, authentication: authenticationOf(spec, device), isReachable });
    } else {
      plan.settled.push({ deviceId, moduleId, ...withoutModules });
    }
  }
  return plan;
}

/**
 * `inherit`: a certificate-authority device gets a certificate-authority module, every other device a SAS module, as in the
 * Azure portal. A self-signed module would need certificate thumbprints, which do not exist yet for a new module.
 */
function authenticationOf({ authentication }: ModuleSpec, { authenticationType }: DeviceInfo) {
  if (authentication !== 'inherit') return authentication;
  return authenticationType === 'certificateAuthority' ? 'certificateAuthority' : 'sas';
}
