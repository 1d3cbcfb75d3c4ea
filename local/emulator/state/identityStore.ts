import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../../../shared/clock.ts';
import { deviceAlreadyExists, moduleAlreadyExists, tooManyModules } from '../wire/refusals.ts';
import { microsOf } from '../wire/timeText.ts';
import type { DeviceSideChange } from './deviceSide.ts';
import { changedDeviceSide } from './deviceSideChange.ts';
import { DeviceTable } from './deviceTable.ts';
import { missingEdgeModules, requireEdgeCapacity } from './edgeModules.ts';
import type { HubRules } from './hubRules.ts';
import { HubTime } from './hubTime.ts';
import { IdentityCounter, type IdentityCounts } from './identityCounter.ts';
import { type Authentication, DeviceRow, type DeviceStatus, ModuleRow, sasWithGeneratedKeys } from './identityRow.ts';
import type { DeviceSpec, ModuleSpec } from './identitySpec.ts';
import type { IdentityReport } from './routedEvent.ts';
import { keepStaleView } from './staleView.ts';
import { StringPool } from './stringPool.ts';
import { changedTwin, type TwinChange, twinWithData } from './twinChange.ts';
import { creationKindOf, twinOf } from './twinJson.ts';
import { requireReportFits, requireTwinFits } from './twinLimits.ts';
import { initialTwin } from './twinRecord.ts';

/** All identities of one hub. Enforces the hub's limits; a change that is not possible throws a `HubRefusal`. */
export class IdentityStore {
  readonly rules: HubRules;
  readonly time: HubTime;
  readonly table = new DeviceTable();
  readonly identityCounter: IdentityCounter;
  /** 32 bytes. Generated keys are derived from this secret, which never leaves the process. */
  readonly secret = randomBytes(32);
  private readonly random: Random;
  private readonly listeners: ((row: DeviceRow) => void)[] = [];
  private readonly reportListeners: ((report: IdentityReport) => void)[] = [];
  private readonly moduleIds = new StringPool();
  private keySerial = 0;

  constructor(rules: HubRules, clock: Clock, random: Random) {
    this.rules = rules;
    this.time = new HubTime(clock);
    this.identityCounter = new IdentityCounter(rules.maxIdentities);
    this.random = random;
  }

  get counts(): IdentityCounts {
    return this.identityCounter.counts;
  }

  /** Identities created by callers of the service since the start. */
  get created(): { devices: number; modules: number } {
    return this.identityCounter.created;
  }

  onDeviceCreated(listener: (row: DeviceRow) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Calls `listener` for each identity that a caller of the service creates or deletes, and for each twin that a caller
   * changes; not for seeded changes.
   */
  onReport(listener: (report: IdentityReport) => void): void {
    this.reportListeners.push(listener);
  }

  createDevice(spec: DeviceSpec): DeviceRow {
    if (this.table.get(spec.deviceId)) throw deviceAlreadyExists(spec.deviceId);
    this.identityCounter.requireCapacity(1);
    if (spec.edge) requireEdgeCapacity(undefined, this.identityCounter, this.rules.maxModulesPerDevice);
    const row = new DeviceRow(spec.deviceId, this.creationMicros(spec), this.newEtagNumber());
    this.fill(row, spec);
    row.status = spec.status ?? 'enabled';
    row.statusReason = spec.statusReason ?? null;
    row.parentScope = spec.parentScope;
    if (row.status === 'disabled') {
      row.statusUpdatedMicros = row.createdMicros;
      this.identityCounter.countDisabled(1);
    }
    this.table.add(row);
    this.identityCounter.addDevice(spec.seeded ?? false);
    if (spec.edge) this.makeEdge(row, spec.createdAtMs);
    if (spec.announce) for (const listener of this.listeners) listener(row);
    if (!spec.seeded) this.report({ row, atMicros: row.createdMicros, what: 'created' });
    return row;
  }

  /**
   * Replaces the device as PUT with If-Match does: members missing from `spec` get their defaults, missing keys are
   * generated anew.
   */
  replaceDevice(row: DeviceRow, spec: DeviceSpec): void {
    const status = spec.status ?? 'enabled';
    if (spec.edge && !row.edge) requireEdgeCapacity(row, this.identityCounter, this.rules.maxModulesPerDevice);
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

  /** `seeded`, here and below: `HubState` makes the change, not a caller of the service, so it raises no event. */
  deleteDevice(row: DeviceRow, seeded = false): void {
    this.identityCounter.removeDevice(row.modules.length);
    if (row.status === 'disabled') this.identityCounter.countDisabled(-1);
    this.table.remove(row, this.time.nowMs() + this.rules.ghostMs);
    this.table.expireGhosts(this.time.nowMs());
    if (!seeded) this.report({ row, atMicros: this.time.next(), what: 'deleted' });
  }

  createModule(device: DeviceRow, spec: ModuleSpec): ModuleRow {
    if (this.findModule(device, spec.moduleId)) {
      throw moduleAlreadyExists(this.rules.name, device.deviceId, spec.moduleId);
    }
    if (device.modules.length >= this.rules.maxModulesPerDevice) throw tooManyModules(device.deviceId);
    this.identityCounter.requireCapacity(1);
    const row = new ModuleRow(
      device,
      this.moduleIds.intern(spec.moduleId),
      this.creationMicros(spec),
      this.newEtagNumber(),
    );
    this.fill(row, spec);
    row.managedBy = spec.managedBy ?? null;
    device.modules = [...device.modules, row];
    device.ghostModules = device.ghostModules.filter((ghost) => ghost.moduleId !== row.moduleId);
    this.identityCounter.addModule(spec.seeded ?? false);
    if (!spec.seeded) this.report({ row, atMicros: row.createdMicros, what: 'created' });
    return row;
  }

  /** Replaces the module: keys that `spec` does not contain are generated anew, a missing `managedBy` is cleared. */
  replaceModule(row: ModuleRow, spec: ModuleSpec): void {
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.etagNumber += 1;
    row.managedBy = spec.managedBy ?? null;
    this.setAuthentication(row, spec.authentication);
  }

  deleteModule(row: ModuleRow, seeded = false): void {
    const { device } = row;
    const nowMs = this.time.nowMs();
    row.ghostUntilMs = nowMs + this.rules.ghostMs;
    device.modules = device.modules.filter((other) => other !== row);
    device.ghostModules = [...device.ghostModules, row].filter((ghost) => (ghost.ghostUntilMs ?? 0) > nowMs);
    this.identityCounter.removeModule();
    if (!seeded) this.report({ row, atMicros: this.time.next(), what: 'deleted' });
  }

  /** Throws a 400 refusal if the changed twin would exceed its size limits. */
  changeTwin(row: DeviceRow | ModuleRow, change: TwinChange, seeded = false): void {
    const atMicros = this.time.next();
    const twin = changedTwin(twinOf(row), change, atMicros);
    requireTwinFits(twin);
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.twin = twin;
    if (!seeded) this.report({ row, atMicros, what: 'twin', change });
  }

  /**
   * Applies what the program on a device does. Throws a 400 refusal if the reported properties would exceed their size
   * limit.
   */
  changeDeviceSide(row: DeviceRow | ModuleRow, change: DeviceSideChange): void {
    const deviceSide = changedDeviceSide(row, change, this.time.next());
    requireReportFits(deviceSide.reported?.values ?? {});
    keepStaleView(row, this.time.nowMs(), this.rules.queryDelayMs);
    row.deviceSide = deviceSide;
  }

  findModule(device: DeviceRow, moduleId: string): ModuleRow | undefined {
    return device.modules.find((row) => row.moduleId === moduleId);
  }

  /** Whether a read by id returns the identity yet. */
  isReadable(row: DeviceRow | ModuleRow): boolean {
    return this.time.hasPassed(row.createdMicros, this.rules.readableAfterMs);
  }

  private report(report: IdentityReport): void {
    for (const listener of this.reportListeners) listener(report);
  }

  private applyStatus(row: DeviceRow, status: DeviceStatus): void {
    if (status === row.status) return;
    row.status = status;
    row.statusUpdatedMicros = this.time.next();
    this.identityCounter.countDisabled(status === 'disabled' ? 1 : -1);
  }

  private makeEdge(row: DeviceRow, createdAtMs: number | undefined): void {
    row.edge = true;
    for (const spec of missingEdgeModules(row, createdAtMs)) this.createModule(row, spec);
  }

  private fill(row: DeviceRow | ModuleRow, spec: Omit<ModuleSpec, 'moduleId'>): void {
    row.createdInBulk = spec.createdInBulk ?? false;
    this.setAuthentication(row, spec.authentication);
    const { tags, desired } = spec;
    if (!tags && !desired) return;
    const change: TwinChange = { replace: false, ...(tags ? { tags } : {}), ...(desired ? { desired } : {}) };
    const twin = twinWithData(initialTwin(creationKindOf(row), row.createdMicros), change, row.createdMicros);
    requireTwinFits(twin);
    row.twin = twin;
  }

  private setAuthentication(row: DeviceRow | ModuleRow, authentication: Authentication | undefined): void {
    row.authentication = authentication ?? sasWithGeneratedKeys;
    row.keySerial = this.keySerial += 1;
  }

  private creationMicros(spec: { createdAtMs?: number }): number {
    return spec.createdAtMs === undefined ? this.time.next() : microsOf(spec.createdAtMs);
  }

  private newEtagNumber(): number {
    return 1 + Math.floor(this.random() * 2 ** 30);
  }
}
