import type { Clock } from '../../shared/clock.ts';
import { HubError, type HubErrorKind } from '../../shared/hub/hubError.ts';
import type {
  FoundModule,
  ModuleColumns,
  ModuleCreation,
  ModuleIdentity,
  ModuleName,
  ModuleReport,
  ModuleTwin,
  Registry,
  TwinContent,
} from '../../shared/hub/registry.ts';
import type { DeviceInfo } from '../../shared/policy/deviceInfo.ts';

export interface FakeModule {
  /** Different for every created module; represents its keys. */
  key: number;
  authentication: ModuleCreation['authentication'];
  twin: ModuleCreation['twin'];
  /** Of the identity; another one after each change of it. */
  etag: number;
  /** Of the twin; another one after each write. */
  twinEtag: number;
  managedBy?: string;
  isConnected?: boolean;
  /** What its agent reports. */
  report?: ModuleReport;
}

export type Operation = Exclude<keyof Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

/** A hub in memory, for tests of the app's own decisions. The emulator tests the behaviour on the wire. */
export class FakeHub {
  readonly name = 'contoso';
  readonly devices = new Map<string, DeviceInfo>();
  readonly modules = new Map<string, Map<string, FakeModule>>();
  /** Every call to the hub, with its time, the number of its identities, and who made it. */
  readonly calls: { operation: Operation; atMs: number; elapsedMs: number; cost: number; by: string }[] = [];
  /** Runs before each call; an error that it throws is the error of the call, which then has no effect. */
  onCall: (operation: Operation, deviceIds: readonly string[]) => void | Promise<void> = () => {};
  /** Runs after a call has taken effect; an error that it throws replaces the result. */
  afterCall: (operation: Operation, deviceIds: readonly string[]) => void | Promise<void> = () => {};
  reachesDisabledDevices = false;
  /** Refuses a continuation of `listDevices` with another `maxRows` than the page before, as hubs are said to do. */
  fixedPageSize = true;
  tierHasModules = true;
  /** Modules that only count towards the identity cap of the hub. */
  otherIdentities = 0;
  /** Devices that the query index does not show. */
  readonly hiddenFromIndex = new Set<string>();
  /** Devices whose row in a listing is `{}`. */
  readonly unreadableRows = new Set<string>();
  /** Modules that only the query index shows: device id, line break, module id. */
  readonly ghostModules = new Set<string>();
  /** Devices that only the query index shows. */
  private readonly ghostDevices = new Map<string, DeviceInfo>();
  private readonly clock: Clock;
  /** In the order of creation, with deleted devices: a deletion must not move the others in a listing. */
  private readonly everAdded = new Set<string>();
  private keys = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  addDevice(deviceId: string, info: Partial<DeviceInfo> = {}): void {
    this.everAdded.add(deviceId);
    this.devices.set(deviceId, { deviceId, status: 'enabled', authenticationType: 'sas', edge: false, ...info });
  }

  deleteDevice(deviceId: string, { staysInIndex = false } = {}): void {
    const device = this.devices.get(deviceId);
    if (device && staysInIndex) this.ghostDevices.set(deviceId, device);
    this.devices.delete(deviceId);
    this.modules.delete(deviceId);
  }

  addModule(deviceId: string, moduleId: string, made: Partial<FakeModule> = {}): void {
    this.keys += 1;
    const modules = this.modules.get(deviceId) ?? new Map<string, FakeModule>();
    this.modules.set(deviceId, modules);
    modules.set(moduleId, { key: this.keys, authentication: 'sas', twin: undefined, etag: 1, twinEtag: 1, ...made });
  }

  moduleOf(deviceId: string, moduleId: string): FakeModule | undefined {
    return this.modules.get(deviceId)?.get(moduleId);
  }

  error(kind: HubErrorKind, more: { status?: number; code?: string } = {}): HubError {
    return new HubError(this.name, 'test', { kind, ...more });
  }

  registry(by = 'worker'): Registry {
    const call = async <T>(operation: Operation, deviceIds: readonly string[], effect: () => T): Promise<T> => {
      this.calls.push({
        operation,
        atMs: this.clock.now(),
        elapsedMs: this.clock.elapsedMs(),
        cost: Math.max(1, deviceIds.length),
        by,
      });
      await this.onCall(operation, deviceIds);
      const result = effect();
      await this.afterCall(operation, deviceIds);
      return result;
    };
    return {
      reachesDisabledDevices: this.reachesDisabledDevices,
      tierHasModules: this.tierHasModules,
      getDevice: (deviceId) => call('getDevice', [deviceId], () => this.device(deviceId)),
      hasModule: (name) =>
        call('hasModule', [name.deviceId], () => this.moduleOf(name.deviceId, name.moduleId) !== undefined),
      readModuleTwin: (name) => call('readModuleTwin', [name.deviceId], () => this.twin(name)),
      readModule: (name) => call('readModule', [name.deviceId], () => this.identity(name)),
      writeModuleTwin: (name, patch, etag) =>
        call('writeModuleTwin', [name.deviceId], () => this.writeTwin(name, patch, etag)),
      removeModule: (name, etag) => call('removeModule', [name.deviceId], () => this.remove(name, etag)),
      createModule: (creation) => call('createModule', [creation.deviceId], () => this.create(creation)),
      createModules: (creations) =>
        call(
          'createModules',
          creations.map(({ deviceId }) => deviceId),
          () => creations.map((creation) => this.createInBulk(creation)),
        ),
      listDevices: ({ maxRows, continuation }) => call('listDevices', [], () => this.devicePage(maxRows, continuation)),
      findModules: ({ text, columns, continuation }) =>
        call('findModules', [], () => {
          const { rows, ...more } = this.page(this.modulesNamedIn(text), 100, continuation);
          return { rows: rows.map((name) => this.found(name, columns)), ...more };
        }),
      countDevices: () => call('countDevices', [], () => this.devices.size),
      countModules: () =>
        call('countModules', [], () =>
          [...this.modules.values()].reduce((sum, { size }) => sum + size, this.otherIdentities),
        ),
    };
  }

  private device(deviceId: string): DeviceInfo {
    const device = this.devices.get(deviceId);
    if (!device) throw this.error('deviceNotFound', { status: 404 });
    return device;
  }

  private found(name: ModuleName, columns: ModuleColumns | undefined): FoundModule {
    if (!columns) return name;
    const { twin, report = { invalidFields: [] } } = this.moduleOf(name.deviceId, name.moduleId) ?? {};
    const content = { tags: twin?.tags ?? {}, desired: twin?.desired ?? {} };
    return { ...name, twin: content, ...(columns.report ? { report } : {}) };
  }

  private twin({ deviceId, moduleId }: ModuleName): ModuleTwin | undefined {
    const module = this.moduleOf(deviceId, moduleId);
    if (!module) return undefined;
    const { twin, twinEtag } = module;
    return {
      deviceId,
      moduleId,
      etag: String(twinEtag),
      tags: twin?.tags ?? {},
      desired: twin?.desired ?? {},
      desiredVersion: twinEtag,
    };
  }

  /** Under a SAS key a hub hides identities of devices that are missing or disabled. */
  private reach(deviceId: string): void {
    const device = this.devices.get(deviceId);
    const reachable = device && (device.status === 'enabled' || this.reachesDisabledDevices);
    if (!reachable) throw this.error(this.reachesDisabledDevices ? 'deviceNotFound' : 'unauthorized');
  }

  private identity({ deviceId, moduleId }: ModuleName): ModuleIdentity | undefined {
    this.reach(deviceId);
    const module = this.moduleOf(deviceId, moduleId);
    if (!module) return undefined;
    const { etag, authentication, managedBy, isConnected = false, key } = module;
    const owner = managedBy === undefined ? {} : { managedBy };
    return { deviceId, moduleId, etag: String(etag), generationId: String(key), authentication, isConnected, ...owner };
  }

  private writeTwin(
    { deviceId, moduleId }: ModuleName,
    patch: TwinContent,
    etag: string,
  ): 'written' | 'conflict' | 'missing' {
    const module = this.moduleOf(deviceId, moduleId);
    if (!module) return 'missing';
    if (String(module.twinEtag) !== etag) return 'conflict';
    module.twin = merge({ ...module.twin }, { ...patch });
    module.twinEtag += 1;
    return 'written';
  }

  private remove({ deviceId, moduleId }: ModuleName, etag: string): 'removed' | 'missing' | 'conflict' {
    this.reach(deviceId);
    const module = this.moduleOf(deviceId, moduleId);
    if (!module) return 'missing';
    if (String(module.etag) !== etag) return 'conflict';
    this.modules.get(deviceId)?.delete(moduleId);
    return 'removed';
  }

  private create(creation: ModuleCreation): 'created' | 'exists' {
    this.reach(creation.deviceId);
    if (this.moduleOf(creation.deviceId, creation.moduleId)) return 'exists';
    this.addModule(creation.deviceId, creation.moduleId, {
      authentication: creation.authentication,
      twin: creation.twin,
    });
    return 'created';
  }

  private createInBulk(creation: ModuleCreation) {
    if (!this.devices.has(creation.deviceId)) return { refused: 'deviceNotFound' as const, code: 'DeviceNotFound' };
    return this.create(creation);
  }

  /** May have fewer rows than `maxRows`, because deleted devices are omitted. */
  private devicePage(maxRows: number, continuation: string | undefined) {
    const { rows, ...more } = this.page([...this.everAdded], maxRows, continuation);
    const isListed = (id: string) => this.devices.has(id) || this.ghostDevices.has(id);
    const shown = rows.filter((id) => isListed(id) && !this.hiddenFromIndex.has(id));
    const readable = shown.filter((id) => !this.unreadableRows.has(id));
    const unreadable = shown.length - readable.length;
    return {
      rows: readable
        .map((id) => this.devices.get(id) ?? this.ghostDevices.get(id))
        .filter((device) => device !== undefined),
      ...(unreadable > 0 ? { unreadable } : {}),
      ...more,
    };
  }

  private page<Row>(rows: Row[], maxRows: number, continuation: string | undefined) {
    const [from = 0, sizeBefore = maxRows] = continuation?.split('/').map(Number) ?? [];
    if (Number.isNaN(from)) throw this.error('invalid', { status: 400 }); // not a token of this hub
    if (this.fixedPageSize && sizeBefore !== maxRows) throw this.error('invalid', { status: 400 });
    const next = from + maxRows;
    return { rows: rows.slice(from, next), ...(next < rows.length ? { continuation: `${next}/${maxRows}` } : {}) };
  }

  /** Returns the modules that match the two lists in a query of `moduleQueries`. */
  private modulesNamedIn(text: string): ModuleName[] {
    const [modulePart = '', devicePart = ''] = text.split(' AND deviceId IN ');
    const moduleIds = new Set([...modulePart.matchAll(/"([^"]*)"/g)].map(([, id]) => id));
    return [...devicePart.matchAll(/"([^"]*)"/g)].flatMap(([, deviceId = '']) =>
      [...moduleIds]
        .filter((id) => id !== undefined)
        .filter((id) => this.moduleOf(deviceId, id) || this.ghostModules.has(`${deviceId}\n${id}`))
        .map((moduleId) => ({ deviceId, moduleId })),
    );
  }
}

/** Merges as a hub merges a patch: objects member by member, everything else replaced. */
function merge(before: Record<string, unknown>, patch: Record<string, unknown>): Record<string, unknown> {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const after = { ...before };
  for (const [key, value] of Object.entries(patch)) {
    const old = after[key];
    after[key] = isObject(value) ? merge(isObject(old) ? old : {}, value) : value;
  }
  return after;
}
