import type { JsonObject } from '../wire/jsonObject.ts';
import type { Authentication, DeviceStatus } from './identityRow.ts';

/** A module to create. */
export interface ModuleSpec {
  moduleId: string;
  managedBy?: string | null;
  /** Default: SAS with generated keys. */
  authentication?: Authentication;
  tags?: JsonObject;
  desired?: JsonObject;
  createdInBulk?: boolean;
  /** Default: now. Seeds set it in the past, so that reads and queries return the identity at once. */
  createdAtMs?: number;
  /** Whether `HubState` creates it, not a caller of the service. A seeded identity is not counted as created. */
  seeded?: boolean;
}

/** A device to create. */
export interface DeviceSpec extends Omit<ModuleSpec, 'moduleId' | 'managedBy'> {
  deviceId: string;
  status?: DeviceStatus;
  statusReason?: string | null;
  /** An Edge device immediately gets its system modules `$edgeAgent` and `$edgeHub`. */
  edge?: boolean;
  /** The `deviceScope` of the parent Edge device. */
  parentScope?: string | undefined;
  /**
   * Whether to call the listeners of `onDeviceCreated`. Default false: a seeded device stands for one that existed
   * before the listeners.
   */
  announce?: boolean;
}
