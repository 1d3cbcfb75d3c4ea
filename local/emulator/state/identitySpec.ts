import type { JsonObject } from '../wire/jsonObject.ts';
import type { Authentication, DeviceStatus } from './identityRow.ts';

export interface ModuleSpec {
  moduleId: string;
  managedBy?: string | null;
  /** Default: SAS with keys that the hub makes. */
  authentication?: Authentication;
  tags?: JsonObject;
  desired?: JsonObject;
  bornInBulk?: boolean;
  /** Default: now. Seeds set it in the past, so that queries and reads find the identity at once. */
  createdAtMs?: number;
  /** Put there from inside and not by a caller of the service; left out of the counters. */
  seeded?: boolean;
}

export interface DeviceSpec extends Omit<ModuleSpec, 'moduleId' | 'managedBy'> {
  deviceId: string;
  status?: DeviceStatus;
  statusReason?: string | null;
  /** An Edge device gets its system modules `$edgeAgent` and `$edgeHub` at once. */
  edge?: boolean;
  /** The `deviceScope` of the Edge device that this one is a child of. */
  parentScope?: string | undefined;
  /** Whether the listeners of `onDeviceCreated` hear of it; default false, since a seed was there before anybody listened. */
  announce?: boolean;
}
