import { identityQuotaExceeded } from '../wire/refusals.ts';

/** Existing identities of a hub; `enabled` and `disabled` count devices. */
export interface IdentityCounts {
  devices: number;
  modules: number;
  enabled: number;
  disabled: number;
}

/** Counts the existing identities of a hub and enforces its limit. */
export class IdentityCounter {
  /** Identities created by callers of the service since the start. */
  readonly created = { devices: 0, modules: 0 };
  private readonly maxIdentities: number;
  private devices = 0;
  private modules = 0;
  private disabled = 0;

  constructor(maxIdentities: number) {
    this.maxIdentities = maxIdentities;
  }

  get counts(): IdentityCounts {
    const { devices, modules, disabled } = this;
    return { devices, modules, enabled: devices - disabled, disabled };
  }

  /** Throws the hub's 403 unless the limit allows `count` more identities, with room for `margin` more after that. */
  requireCapacity(count: number, margin = 0): void {
    if (this.devices + this.modules + count + margin > this.maxIdentities) throw identityQuotaExceeded();
  }

  addDevice(seeded: boolean): void {
    this.devices += 1;
    if (!seeded) this.created.devices += 1;
  }

  addModule(seeded: boolean): void {
    this.modules += 1;
    if (!seeded) this.created.modules += 1;
  }

  /** `modules`: the number of modules deleted with the device. */
  removeDevice(modules: number): void {
    this.devices -= 1;
    this.modules -= modules;
  }

  removeModule(): void {
    this.modules -= 1;
  }

  /** One device more (+1) or less (-1) is disabled. */
  countDisabled(change: 1 | -1): void {
    this.disabled += change;
  }
}
