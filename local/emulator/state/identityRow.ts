import type { Micros } from '../wire/timeText.ts';
import { never } from '../wire/timeText.ts';
import type { DeviceSide } from './deviceSide.ts';
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

/** How an identity authenticates. `keys` is set only if the caller chose them; generated keys are derived on demand. */
export interface Authentication {
  readonly type: AuthenticationType;
  readonly keys?: KeyPair;
  readonly thumbprints?: Thumbprints;
}

/** Shared by all identities with generated keys, to save memory: a hub has up to a million identities. */
export const sasWithGeneratedKeys: Authentication = Object.freeze({ type: 'sas' });

/** The connection state of an identity that never connected; one object for all of them. */
const neverConnected: DeviceSide = Object.freeze({
  connectionState: 'Disconnected',
  connectionStateUpdatedMicros: never,
  lastActivityMicros: never,
  reported: undefined,
});

const noModules: readonly ModuleRow[] = Object.freeze([]);

/** What devices and modules have in common. Rows are compact; JSON is made on demand. */
abstract class IdentityRow<Self> {
  createdMicros: Micros;
  /** The identity's etag is this number in base64; each update adds one. */
  etagNumber: number;
  authentication: Authentication = sasWithGeneratedKeys;
  /** Identifies the current generated keys; one of the values that they are derived from. */
  keySerial = 0;
  /** Undefined while the twin has its initial content. */
  twin: TwinRecord | undefined = undefined;
  deviceSide: DeviceSide = neverConnected;
  createdInBulk = false;
  /** The version that queries return until `untilMs`, while the index lags behind the latest change. */
  stale: { untilMs: number; view: Self } | undefined = undefined;
  /** When a deleted identity disappears from queries; undefined while it exists. */
  ghostUntilMs: number | undefined = undefined;

  constructor(createdMicros: Micros, etagNumber: number) {
    this.createdMicros = createdMicros;
    this.etagNumber = etagNumber;
  }
}

/** One device of a hub. */
export class DeviceRow extends IdentityRow<DeviceRow> {
  readonly deviceId: string;
  status: DeviceStatus = 'enabled';
  statusReason: string | null = null;
  statusUpdatedMicros: Micros = never;
  edge = false;
  /** The scope of the parent Edge device. */
  parentScope: string | undefined = undefined;
  /** Replaced, never changed in place, so that a stale view keeps its content. */
  modules: readonly ModuleRow[] = noModules;
  /** Deleted modules that queries may still return. */
  ghostModules: readonly ModuleRow[] = noModules;
  /** Index in the slots of `DeviceTable`; -1 before the table has the row. */
  slot = -1;

  constructor(deviceId: string, createdMicros: Micros, etagNumber: number) {
    super(createdMicros, etagNumber);
    this.deviceId = deviceId;
  }
}

/** One module of a device. */
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
