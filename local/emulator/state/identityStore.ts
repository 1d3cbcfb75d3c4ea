import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../../../shared/clock.ts';
import type { Tier } from '../../../shared/config/config.ts';
import { deviceAlreadyExists, moduleAlreadyExists, tooManyModules } from '../wire/refusals.ts';
import { microsOf } from '../wire/timeText.ts';
import { DeviceTable } from './deviceTable.ts';
import { missingEdgeModules, requireEdgePlaces } from './edgeModules.ts';
import { HubTime } from './hubTime.ts';
import { Census, type IdentityCounts } from './identityCounter.ts';
import { type Authentication, DeviceRow, type DeviceStatus, hubMadeSas, ModuleRow } from './identityRow.ts';
import type { DeviceSpec, ModuleSpec } from './identitySpec.ts';
import { keepStaleView } from './staleView.ts';
import { SharedStrings } from './stringPool.ts';
import { changedTwin, seededTwin, type TwinChange } from './twinChange.ts';
import { birthOf, twinOf } from './twinJson.ts';
import { requireTwinFits } from './twinLimits.ts';
import { newbornTwin } from './twinRecord.ts';

export interface HubRules {
  name: string;
  tier: Tier;
  maxIdentities: number;
  maxModulesPerDevice: number;
  queryDelayMs: number;
  ghostMs: number;
  readableAfterMs: number;
}

/** All identities of one hub. Changes keep the hub's caps; what cannot be done throws a HubRefusal. */
export class IdentityStore {
  readonly rules: HubRules;
  readonly time: HubTime;
  readonly table = new DeviceTable();
  readonly census: Census;
  /** What hub-made keys are derived from; never leaves the process. */
  readonly secret = randomBytes(32);
  private readonly random: Random;
  private readonly listeners: ((row: DeviceRow) => void)[] = [];
  private readonly moduleIds = new SharedStrings();
  private keySerial = 0;

  constructor(rules: HubRules, clock: Clock, random: Random) {
    this.rules = rules;
    this.time = new HubTime(clock);
    this.census = new Census(rules.maxIdentities);
    this.random = random;
  }

  get counts(): IdentityCounts {
    return this.census.counts;
  }

  /** What callers of the service made since the start. */
  get created(): { devices: number; modules: number } {
    return this.census.created;
  }

  onDeviceCreated(listener: (row: DeviceRow) => void): void {
    this.listeners.push(listener);
  }

  createDevice(spec: DeviceSpec): DeviceRow {
    if (this.table.get(spec.deviceId)) throw deviceAlreadyExists(spec.deviceId);
    this.census.requirePlaces(1);
    if (spec.edge) requireEdgePlaces(undefined, this.census, this.rules.maxModulesPerDevice);
    const row = new DeviceRow(spec.deviceId, this.creationMicros(spec), this.newEtagNumber());
    this.fill(row, spec);
    row.status = spec.status ?? 'enabled';
    row.statusReason = spec.statusReason ?? null;
    row.parentScope = spec.parentScope;
    if (row.status === 'disabled') {
      row.statusUpdatedMicros = row.createdMicros;
      this.census.countDisabled(1);
    }
    this.table.add(row);
    this.census.addDevice(spec.seeded ?? false);
    if (spec.edge) this.makeEdge(row, spec.createdAtMs);
    if (spec.announce) for (const listener of this.listeners) listener(row);
    return row;
  }

  /** A full replace, as PUT with If-Match does it: what `spec` leaves out falls back to its default, keys are new. */
  replaceDevice(row: DeviceRow, spec: DeviceSpec): void {
    const status = spec.status ?? 'enabled';
    if (spec.edge && !row.edge) requireEdgePlaces(row, this.census, this.rules.maxModulesPerDevice);
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.etagNumber += 1;
    this.setAuthentication(row, spec.authentication);
    row.statusReason = spec.statusReason ?? null;
    row.parentScope = spec.parentScope;
    this.applyStatus(row, status);
    if (spec.edge && !row.edge) this.makeEdge(row, undefined);
    row.edge = spec.edge ?? false;
  }

  setDeviceStatus(row: DeviceRow, status: DeviceStatus): void {
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.etagNumber += 1;
    this.applyStatus(row, status);
  }

  deleteDevice(row: DeviceRow): void {
    this.census.removeDevice(row.modules.length);
    if (row.status === 'disabled') this.census.countDisabled(-1);
    this.table.remove(row, this.time.nowMs() + this.rules.ghostMs);
    this.table.expireGhosts(this.time.nowMs());
  }

  createModule(device: DeviceRow, spec: ModuleSpec): ModuleRow {
    if (this.findModule(device, spec.moduleId)) {
      throw moduleAlreadyExists(this.rules.name, device.deviceId, spec.moduleId);
    }
    if (device.modules.length >= this.rules.maxModulesPerDevice) throw tooManyModules(device.deviceId);
    this.census.requirePlaces(1);
    const row = new ModuleRow(
      device,
      this.moduleIds.one(spec.moduleId),
      this.creationMicros(spec),
      this.newEtagNumber(),
    );
    this.fill(row, spec);
    row.managedBy = spec.managedBy ?? null;
    device.modules = [...device.modules, row];
    device.ghostModules = device.ghostModules.filter((ghost) => ghost.moduleId !== row.moduleId);
    this.census.addModule(spec.seeded ?? false);
    return row;
  }

  /** A full replace: keys that are not given anew are made anew, `managedBy` is cleared if left out. */
  replaceModule(row: ModuleRow, spec: ModuleSpec): void {
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.etagNumber += 1;
    row.managedBy = spec.managedBy ?? null;
    this.setAuthentication(row, spec.authentication);
  }

  deleteModule(row: ModuleRow): void {
    const { device } = row;
    const nowMs = this.time.nowMs();
    row.ghostUntilMs = nowMs + this.rules.ghostMs;
    device.modules = device.modules.filter((other) => other !== row);
    device.ghostModules = [...device.ghostModules, row].filter((ghost) => (ghost.ghostUntilMs ?? 0) > nowMs);
    this.census.removeModule();
  }

  /** Throws a 400 if the twin would grow above its limits. */
  changeTwin(row: DeviceRow | ModuleRow, change: TwinChange): void {
    const twin = changedTwin(twinOf(row), change, this.time.next());
    requireTwinFits(twin);
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.twin = twin;
  }

  findModule(device: DeviceRow, moduleId: string): ModuleRow | undefined {
    return device.modules.find((row) => row.moduleId === moduleId);
  }

  /** Whether a read by id finds it already. */
  isReadable(row: DeviceRow | ModuleRow): boolean {
    return this.time.hasPassed(row.createdMicros, this.rules.readableAfterMs);
  }

  private applyStatus(row: DeviceRow, status: DeviceStatus): void {
    if (status === row.status) return;
    row.status = status;
    row.statusUpdatedMicros = this.time.next();
    this.census.countDisabled(status === 'disabled' ? 1 : -1);
  }

  private makeEdge(row: DeviceRow, createdAtMs: number | undefined): void {
    row.edge = true;
    for (const spec of missingEdgeModules(row, createdAtMs)) this.createModule(row, spec);
  }

  private fill(row: DeviceRow | ModuleRow, spec: Omit<ModuleSpec, 'moduleId'>): void {
    row.bornInBulk = spec.bornInBulk ?? false;
    this.setAuthentication(row, spec.authentication);
    const { tags, desired } = spec;
    if (!tags && !desired) return;
    const change: TwinChange = { replace: false, ...(tags ? { tags } : {}), ...(desired ? { desired } : {}) };
    const twin = seededTwin(newbornTwin(birthOf(row), row.createdMicros), change, row.createdMicros);
    requireTwinFits(twin);
    row.twin = twin;
  }

  private setAuthentication(row: DeviceRow | ModuleRow, authentication: Authentication | undefined): void {
    row.authentication = authentication ?? hubMadeSas;
    row.keySerial = this.keySerial += 1;
  }

  private creationMicros(spec: { createdAtMs?: number }): number {
    return spec.createdAtMs === undefined ? this.time.next() : microsOf(spec.createdAtMs);
  }

  private newEtagNumber(): number {
    return 1 + Math.floor(this.random() * 2 ** 30);
  }
}
