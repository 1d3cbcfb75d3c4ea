/** A module that every device selected by `select` should have. */
export interface ModuleSpec {
  moduleId: string;
  ensure: 'present';
  /** `inherit`: a certificate-authority device gets a certificate-authority module, every other device a SAS module. */
  authentication: 'inherit' | 'sas' | 'certificateAuthority';
  /** `seed`: `tags` and `desired` are written once, when the module is created. `off`: the twin is not written. */
  twin: { mode: 'seed' | 'off'; tags?: TwinObject; desired?: TwinObject };
  select: Selection;
  stop: StopRule;
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
  /** A run leaves the module out before it would create more of it than this. */
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
