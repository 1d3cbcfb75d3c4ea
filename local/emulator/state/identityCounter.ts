import { identityQuotaExceeded } from '../wire/refusals.ts';

export interface IdentityCounts {
  devices: number;
  modules: number;
  /** Of the devices. */
  enabled: number;
  /** Of the devices. */
  disabled: number;
}

/** Counts the live identities of a hub and keeps them under its cap. */
export class Census {
  /** What callers of the service made since the start. */
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

  /** Throws the hub's 403 unless `count` more identities fit and `margin` places stay free beside them. */
  requirePlaces(count: number, margin = 0): void {
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

  /** `modules` go with their device. */
  removeDevice(modules: number): void {
    this.devices -= 1;
    this.modules -= modules;
  }

  removeModule(): void {
    this.modules -= 1;
  }

  /** One more (+1) or one less (-1) of the devices is disabled. */
  countDisabled(change: 1 | -1): void {
    this.disabled += change;
  }
}
