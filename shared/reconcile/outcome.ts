/**
 * What reconciling made of one spec on one device.
 *
 * - `created`: the module is there now (in a dry run: it would be made). `unchanged`: it was there already.
 * - `gone`: the device no longer exists. `excluded`: the spec does not take this device.
 * - `blocked`: the hub will refuse until somebody changes something; `reason` says what.
 * - `failed`: tried, and tried again, without success.
 */
export type Outcome = 'created' | 'unchanged' | 'gone' | 'excluded' | 'blocked' | 'failed';

export interface ModuleOutcome {
  moduleId: string;
  outcome: Outcome;
  /** Always there for `excluded`, `blocked` and `failed`. */
  reason?: string;
}

/** The same, where several devices are spoken of. */
export interface DeviceModuleOutcome extends ModuleOutcome {
  deviceId: string;
}
