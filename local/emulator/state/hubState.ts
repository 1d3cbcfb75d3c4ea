import type { JsonObject } from '../wire/jsonObject.ts';
import { deviceNotFound, moduleNotFound } from '../wire/refusals.ts';
import type { DeviceSideChange } from './deviceSide.ts';
import { deviceJson, moduleJson } from './identityJson.ts';
import { keyHashOf } from './identityKeys.ts';
import type { AuthenticationType, DeviceRow, DeviceStatus, ModuleRow } from './identityRow.ts';
import type { DeviceSpec, ModuleSpec } from './identitySpec.ts';
import type { IdentityStore } from './identityStore.ts';
import { twinJson } from './twinJson.ts';

/** A module as it is stored. */
export interface ModuleSummary {
  deviceId: string;
  moduleId: string;
  managedBy: string | null;
  authenticationType: AuthenticationType;
  /** Time of creation, in milliseconds since 1970. */
  createdAtMs: number;
}

/** A device as it is stored. */
export interface DeviceSummary {
  deviceId: string;
  status: DeviceStatus;
  edge: boolean;
  authenticationType: AuthenticationType;
  moduleIds: string[];
  createdAtMs: number;
}

/**
 * Direct access to the hub's state, for seeding and assertions: no delays of queries and reads, no throttling, no
 * counters, no tokens. Changes raise no event, except that a device created with `announce` raises DeviceCreated.
 */
export class HubState {
  private readonly store: IdentityStore;

  constructor(store: IdentityStore) {
    this.store = store;
  }

  /** Existing devices and modules; `enabled` and `disabled` count devices. */
  get counts(): { devices: number; modules: number; enabled: number; disabled: number } {
    return this.store.counts;
  }

  /** The hub's clock, in milliseconds since 1970. */
  nowMs(): number {
    return this.store.time.nowMs();
  }

  *devices(): Generator<DeviceSummary> {
    for (const row of this.store.table.values()) yield deviceSummary(row);
  }

  *modules(): Generator<ModuleSummary> {
    for (const row of this.store.table.values()) yield* row.modules.map(moduleSummary);
  }

  device(deviceId: string): DeviceSummary | undefined {
    const row = this.store.table.get(deviceId);
    return row && deviceSummary(row);
  }

  modulesOf(deviceId: string): ModuleSummary[] {
    return (this.store.table.get(deviceId)?.modules ?? []).map(moduleSummary);
  }

  module(deviceId: string, moduleId: string): ModuleSummary | undefined {
    return this.modulesOf(deviceId).find((module) => module.moduleId === moduleId);
  }

  /** The identity as the service returns it, keys included. Throws a `HubRefusal` if it does not exist. */
  identity(deviceId: string, moduleId?: string): JsonObject {
    const row = this.row(deviceId, moduleId);
    return 'device' in row ? moduleJson(row, this.store.secret) : deviceJson(row, this.store.secret);
  }

  /** The twin as the service returns it. Throws a `HubRefusal` if the identity does not exist. */
  twin(deviceId: string, moduleId?: string): JsonObject {
    return twinJson(this.row(deviceId, moduleId));
  }

  /** SHA-256 of both keys, hex: shows whether keys changed. Throws a `HubRefusal` if the identity does not exist. */
  keyHash(deviceId: string, moduleId?: string): string {
    return keyHashOf(this.row(deviceId, moduleId), this.store.secret);
  }

  createDevice(spec: DeviceSpec): DeviceSummary {
    return deviceSummary(this.store.createDevice({ ...spec, seeded: true }));
  }

  createModule(deviceId: string, spec: ModuleSpec): ModuleSummary {
    return moduleSummary(this.store.createModule(this.deviceRow(deviceId), { ...spec, seeded: true }));
  }

  deleteDevice(deviceId: string): void {
    this.store.deleteDevice(this.deviceRow(deviceId), true);
  }

  deleteModule(deviceId: string, moduleId: string): void {
    this.store.deleteModule(this.moduleRow(deviceId, moduleId), true);
  }

  setDeviceStatus(deviceId: string, status: DeviceStatus): void {
    this.store.setDeviceStatus(this.deviceRow(deviceId), status);
  }

  /** Merges `tags` into the tags of a twin; null deletes. */
  patchTags(deviceId: string, tags: JsonObject): void {
    this.store.changeTwin(this.deviceRow(deviceId), { tags, replace: false }, true);
  }

  /**
   * Connects or disconnects an identity, or reports properties, as the program on the device does. Throws a `HubRefusal`
   * if the identity does not exist.
   */
  changeDeviceSide(deviceId: string, moduleId: string | undefined, change: DeviceSideChange): void {
    this.store.changeDeviceSide(this.row(deviceId, moduleId), change);
  }

  /** Merges `change` into a module's twin, as a back end does. Throws a `HubRefusal` if the module does not exist. */
  patchModuleTwin(deviceId: string, moduleId: string, change: { tags?: JsonObject; desired?: JsonObject }): void {
    this.store.changeTwin(this.moduleRow(deviceId, moduleId), { ...change, replace: false });
  }

  private row(deviceId: string, moduleId: string | undefined): DeviceRow | ModuleRow {
    return moduleId === undefined ? this.deviceRow(deviceId) : this.moduleRow(deviceId, moduleId);
  }

  private deviceRow(deviceId: string): DeviceRow {
    const row = this.store.table.get(deviceId);
    if (!row) throw deviceNotFound(deviceId);
    return row;
  }

  private moduleRow(deviceId: string, moduleId: string): ModuleRow {
    const row = this.store.findModule(this.deviceRow(deviceId), moduleId);
    if (!row) throw moduleNotFound(deviceId, moduleId);
    return row;
  }
}

function deviceSummary(row: DeviceRow): DeviceSummary {
  return {
    deviceId: row.deviceId,
    status: row.status,
    edge: row.edge,
    authenticationType: row.authentication.type,
    moduleIds: row.modules.map((module) => module.moduleId),
    createdAtMs: row.createdMicros / 1000,
  };
}

function moduleSummary(row: ModuleRow): ModuleSummary {
  return {
    deviceId: row.device.deviceId,
    moduleId: row.moduleId,
    managedBy: row.managedBy,
    authenticationType: row.authentication.type,
    createdAtMs: row.createdMicros / 1000,
  };
}
