/** A module that should be on every device that `select` takes. */
export interface ModuleSpec {
  moduleId: string;
  ensure: 'present';
  /** `inherit`: a certificate-authority device gets a certificate-authority module, every other device a SAS module. */
  authentication: 'inherit' | 'sas' | 'certificateAuthority';
  /** `seed`: `tags` and `desired` are written once, when the module is created. `off`: the twin is left alone. */
  twin: { mode: 'seed' | 'off'; tags?: TwinObject; desired?: TwinObject };
  select: Selection;
  stop: StopRule;
}

export interface Selection {
  /** Whether IoT Edge devices are taken; by default not, since their identity service remakes modules that it did not create. */
  edge: boolean;
  /** Globs (`*` any run of characters, `?` any one; `\` takes the next one literally); a device must match one of them. */
  deviceIds?: readonly string[];
  /** Dotted tag path to the values of which the device's tag must be one; every path must match. */
  tags?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /** Dotted tag path; a device on which this tag is there and not `false` or null is left out. */
  exemptTag?: string;
}

export interface StopRule {
  /** A run stops `failed` before it would create more than this many modules of this spec. */
  maxChanges?: number;
  /** A run stops when failures pass this share of the devices seen, in percent, after the first 100. Default 10 (design section 5). */
  maxFailurePercent: number;
}

/** JSON, as twins hold it. */
export type TwinObject = { [key: string]: unknown };

/** All specs; a device may be taken by several. */
export type Policy = readonly ModuleSpec[];
