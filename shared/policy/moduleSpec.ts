import type { MaintenanceWindow } from './maintenanceWindow.ts';
import type { Rollout } from './waves.ts';

/** How the policy wants one module to be on every device that `select` selects. */
export interface ModuleSpec {
  moduleId: string;
  /**
   * `present`: the module is created where it is missing. `patched`: the module is never created, but its twin is written where
   * another program created the module. `absent`: runs remove the module.
   */
  ensure: 'present' | 'patched' | 'absent';
  /** `inherit`: a certificate-authority device gets a certificate-authority module, every other device a SAS module. */
  authentication: 'inherit' | 'sas' | 'certificateAuthority';
  /**
   * `seed`: `tags` and `desired` are written once, when the app creates the module or finds one of another program whose twin was
   * not written yet (`patchFor`). `enforce`: they are written whenever the twin differs from them. `off`: the twin is not written.
   */
  twin: { mode: 'seed' | 'enforce' | 'off'; tags?: TwinObject; desired?: TwinObject };
  select: Selection;
  stop: StopRule;
  /** Set if and only if `ensure` is `absent`. */
  removal?: RemovalRule;
  /** In which order the module reaches the devices. Undefined: all devices at once. */
  rollout?: Rollout;
  /** Index of the rollout's open wave on one hub, which `atOpenWaves` adds; undefined: 0. Not part of the written policy. */
  openWave?: number;
  /** When runs may change the module. Undefined: at any time. */
  windows?: readonly MaintenanceWindow[];
}

/** What a run must check before it removes a module. */
export interface RemovalRule {
  /** `required`: a run removes only if a dry run of the same policy ended less than 24 hours before the run begins. */
  dryRun: 'required' | 'off';
  /** What happens to a connected module. `leave`: it stays, with the outcome `blocked`. */
  connected: 'leave' | 'remove';
}

/** Which devices a spec applies to; all conditions must be met. */
export interface Selection {
  /** Whether IoT Edge devices are selected; off by default, because their identity service recreates modules that it did not create. */
  edge: boolean;
  /** Globs (`matchesGlob`); at least one must match the device id. */
  deviceIds?: readonly string[];
  /** Dotted tag paths, each with the values that the tag may have. */
  tags?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** Dotted tag path; a device is excluded if this tag exempts it (`exemptionOf`) and the exemption has not ended. */
  exemptTag?: string;
}

/** When a run stops changing a module. The run then ends as `failed`. */
interface StopRule {
  /** How many devices a run may change at most for this module: creates, twin writes and removals together. */
  maxChanges?: number;
  /** The run stops changing the module if it failed on more than this percentage of the devices seen, after the first 100. */
  maxFailurePercent: number;
}

/** A JSON object in a twin. */
export type TwinObject = { [key: string]: unknown };

/** All specs; several may select the same device. */
export type Policy = readonly ModuleSpec[];

/** High enough for single devices that fail, low enough to stop a run when one cause makes many devices fail. */
const defaultMaxFailurePercent = 10;

/** Returns the spec of a module with all defaults: created on every device except IoT Edge devices, authentication inherited. */
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

/** The default of `removal` for a spec with `ensure: absent`. */
export const defaultRemoval: RemovalRule = { dryRun: 'required', connected: 'leave' };
