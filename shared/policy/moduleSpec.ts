import type { MaintenanceWindow } from './maintenanceWindow.ts';
import type { Rollout } from './waves.ts';

/** What the policy wants of one module on every device selected by `select`. */
export interface ModuleSpec {
  moduleId: string;
  /**
   * `present`: the module is created where it is missing. `patched`: it is never created, but where others create it its twin is
   * written. `absent`: runs remove it.
   */
  ensure: 'present' | 'patched' | 'absent';
  /** `inherit`: a certificate-authority device gets a certificate-authority module, every other device a SAS module. */
  authentication: 'inherit' | 'sas' | 'certificateAuthority';
  /**
   * `seed`: `tags` and `desired` are written when the module is created, and into a module that was created anew. `enforce`: they
   * are written whenever the twin differs from them. `off`: the twin is not written.
   */
  twin: { mode: 'seed' | 'enforce' | 'off'; tags?: TwinObject; desired?: TwinObject };
  select: Selection;
  stop: StopRule;
  /** Set if and only if `ensure` is `absent`. */
  removal?: RemovalRule;
  /** In which order the devices are served; absent: all at once. */
  rollout?: Rollout;
  /** The wave of the rollout that is open on the hub, by `atOpenWaves`; absent: the first. Not part of the policy itself. */
  openWave?: number;
  /** When runs may change the module; absent: at any time. */
  windows?: readonly MaintenanceWindow[];
}

/** When a run may remove a module. */
export interface RemovalRule {
  /** `required`: only after a dry run of the same policy that ended less than 24 hours before the run begins. */
  dryRun: 'required' | 'off';
  /** `leave`: a module that is connected stays, and is reported as blocked. */
  connected: 'leave' | 'remove';
}

/** Which devices a spec applies to; all conditions must be met. */
export interface Selection {
  /** Whether IoT Edge devices are selected; off by default, because their identity service recreates modules that it did not create. */
  edge: boolean;
  /** Globs, of which one must match the device id: `*` is any number of characters, `?` is one, `\` escapes the next one. */
  deviceIds?: readonly string[];
  /** Dotted tag paths, each with the values that the tag may have. */
  tags?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** Dotted tag path; a device is excluded if this tag exempts it (`exemptionOf`) and the exemption has not ended. */
  exemptTag?: string;
}

/** When a run leaves a module out; it then ends as `failed`. */
interface StopRule {
  /** A run leaves the module out before it would create, write or remove more of it than this. */
  maxChanges?: number;
  /** A run leaves the module out if it failed on more than this share of the devices seen, in percent, after the first 100. */
  maxFailurePercent: number;
}

/** A JSON object, as a twin contains it. */
export type TwinObject = { [key: string]: unknown };

/** All specs; several may select the same device. */
export type Policy = readonly ModuleSpec[];

/** High enough for devices that fail for their own reasons, low enough to stop when something common is wrong. */
const defaultMaxFailurePercent = 10;

/** Returns the spec of a module of which only the id is given: on every device but Edge devices, created as the portal does. */
export function defaultSpec(moduleId: string): ModuleSpec {
  return {
    moduleId,
    ensure: 'present',
    authentication: 'inherit',
    twin: { mode: 'seed' },
    select: { edge: false },
    stop: { maxFailurePercent: defaultMaxFailurePercent },
  };
}

/** The rule of a spec that does not say otherwise. */
export const defaultRemoval: RemovalRule = { dryRun: 'required', connected: 'leave' };
