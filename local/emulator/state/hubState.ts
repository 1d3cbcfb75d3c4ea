import type { JsonObject } from '../wire/jsonObject.ts';
import { deviceNotFound, moduleNotFound } from '../wire/refusals.ts';
import { deviceJson, moduleJson } from './identityJson.ts';
import { keyHashOf } from './identityKeys.ts';
import type { AuthenticationType, DeviceRow, DeviceStatus, ModuleRow } from './identityRow.ts';
import type { DeviceSpec, ModuleSpec } from './identitySpec.ts';
import type { IdentityStore } from './identityStore.ts';
import { twinJson } from './twinJson.ts';

export interface ModuleSummary {
  deviceId: string;
  moduleId: string;
  managedBy: string | null;
  authenticationType: AuthenticationType;
  /** When it was made, in milliseconds since 1970. */
  createdAtMs: number;
}

export interface DeviceSummary {
  deviceId: string;
  status: DeviceStatus;
  edge: boolean;
  authenticationType: AuthenticationType;
  moduleIds: string[];
  createdAtMs: number;
}

/**
 * The hub from inside, for seeding and for looking: what is really there, whatever queries and reads show at the moment.
 * Nothing here is throttled, counted or needs a token; no listener of `onDeviceCreated` hears of it unless asked.
 */
export class HubState {
  private readonly store: IdentityStore;

  constructor(store: IdentityStore) {
    this.store = store;
  }

  /** Live devices and modules; `enabled` and `disabled` count devices. */
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

  /** The identity as the service would answer it, keys included. */
  identity(deviceId: string, moduleId?: string): JsonObject {
    const row = this.row(deviceId, moduleId);
    return 'device' in row ? moduleJson(row, this.store.secret) : deviceJson(row, this.store.secret);
  }

  twin(deviceId: string, moduleId?: string): JsonObject {
    return twinJson(this.row(deviceId, moduleId));
  }

  /** Tells whether keys changed without showing them: SHA-256 of both, hex. Throws a HubRefusal if there is no such identity. */
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
    this.store.deleteDevice(this.deviceRow(deviceId));
  }

  deleteModule(deviceId: string, moduleId: string): void {
    this.store.deleteModule(this.moduleRow(deviceId, moduleId));
  }

  setDeviceStatus(deviceId: string, status: DeviceStatus): void {
    this.store.setDeviceStatus(this.deviceRow(deviceId), status);
  }

  /** Merges into the tags of a twin; null deletes. */
  patchTags(deviceId: string, tags: JsonObject): void {
    this.store.changeTwin(this.deviceRow(deviceId), { tags, replace: false });
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
