import type { Micros } from '../wire/timeText.ts';
import { never } from '../wire/timeText.ts';
import type { TwinRecord } from './twinRecord.ts';

export type AuthenticationType = 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';
export type DeviceStatus = 'enabled' | 'disabled';

export interface KeyPair {
  primaryKey: string;
  secondaryKey: string;
}

export interface Thumbprints {
  primaryThumbprint: string | null;
  secondaryThumbprint: string | null;
}

/** `keys` only where the caller chose them; keys that the hub makes are derived when somebody asks. */
export interface Authentication {
  readonly type: AuthenticationType;
  readonly keys?: KeyPair;
  readonly thumbprints?: Thumbprints;
}

/** One object for all who have nothing of their own, since a hub holds up to a million identities. */
export const hubMadeSas: Authentication = Object.freeze({ type: 'sas' });

const noModules: readonly ModuleRow[] = Object.freeze([]);

/** What devices and modules share. Rows are compact: JSON is made when somebody reads. */
abstract class IdentityRow<Self> {
  createdMicros: Micros;
  /** The identity's etag is base64 of this number; each update adds one. */
  etagNumber: number;
  authentication: Authentication = hubMadeSas;
  /** Counts how often the hub made keys for this identity; part of what they are derived from. */
  keySerial = 0;
  /** Undefined while the twin is as it was born. */
  twin: TwinRecord | undefined = undefined;
  bornInBulk = false;
  /** How queries still see this row until the index has caught up with the latest change. */
  stale: { untilMs: number; view: Self } | undefined = undefined;
  /** When a deleted identity vanishes from queries; undefined for one that lives. */
  ghostUntilMs: number | undefined = undefined;

  constructor(createdMicros: Micros, etagNumber: number) {
    this.createdMicros = createdMicros;
    this.etagNumber = etagNumber;
  }
}

export class DeviceRow extends IdentityRow<DeviceRow> {
  readonly deviceId: string;
  status: DeviceStatus = 'enabled';
  statusReason: string | null = null;
  statusUpdatedMicros: Micros = never;
  edge = false;
  /** The scope of the Edge device that this one is a child of. */
  parentScope: string | undefined = undefined;
  /** Never changed in place, so that a stale view keeps what it saw. */
  modules: readonly ModuleRow[] = noModules;
  ghostModules: readonly ModuleRow[] = noModules;
  slot = -1;

  constructor(deviceId: string, createdMicros: Micros, etagNumber: number) {
    super(createdMicros, etagNumber);
    this.deviceId = deviceId;
  }
}

export class ModuleRow extends IdentityRow<ModuleRow> {
  readonly device: DeviceRow;
  readonly moduleId: string;
  managedBy: string | null = null;

  constructor(device: DeviceRow, moduleId: string, createdMicros: Micros, etagNumber: number) {
    super(createdMicros, etagNumber);
    this.device = device;
    this.moduleId = moduleId;
  }
}
