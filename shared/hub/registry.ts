import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { TwinObject } from '../policy/moduleSpec.ts';
import type { HubErrorKind } from './hubError.ts';

/** The two sections of a module twin that a back end writes. */
export interface TwinContent {
  tags?: TwinObject;
  desired?: TwinObject;
}

/** The thumbprints of a module's certificates, which are no secret; hexadecimal. */
export interface Thumbprints {
  primary: string | null;
  secondary: string | null;
}

/** A module identity to create. */
export interface ModuleCreation {
  deviceId: string;
  moduleId: string;
  authentication: 'sas' | 'certificateAuthority' | 'selfSigned';
  /** Only with `selfSigned`. */
  thumbprints?: Thumbprints;
  /** Written in the same call that creates the module. */
  twin?: TwinContent;
}

/** Identifies one module identity of a hub. */
export interface ModuleName {
  deviceId: string;
  moduleId: string;
}

/** What a query reads of each module twin. */
export interface ModuleColumns extends TwinColumns {
  /** Whether it also reads what the module's agent reports (`ModuleReport`). */
  readonly report?: boolean;
}

/** The top-level keys that a query reads of each section; `all` for a whole section (see `readableColumns`). */
export type TwinColumns = Readonly<Record<keyof TwinContent, readonly string[] | 'all'>>;

/** What the agent of a module reports: reported properties of the twin, and the time of the last activity. */
export interface ModuleReport {
  /** `latest_state`: `success` or `failed` as Microsoft documents it; undefined if the agent has never reported. */
  state?: string;
  /** `latest_invalid_fields`: names of the settings that the agent could not apply. */
  invalidFields: readonly string[];
  /** ISO 8601; undefined if the hub knows of no activity. */
  lastActivityTime?: string;
}

/** A module that a query found, with what the query read of its twin. */
export interface FoundModule extends ModuleName {
  /** Only the keys that the query reads and that the twin has; absent if the query reads only ids. */
  twin?: Required<TwinContent>;
  /** Absent if the query does not read it. */
  report?: ModuleReport;
}

/** A module twin, read by id. */
export interface ModuleTwin extends ModuleName {
  /** The etag of the twin; each write changes it. */
  etag: string;
  tags: TwinObject;
  /** Without `$metadata` and `$version`. */
  desired: TwinObject;
  /** `$version` of the desired properties; 1 until they are first written. */
  desiredVersion: number | undefined;
}

/** A module identity, read by id, without its keys. */
export interface ModuleIdentity extends ModuleName {
  /** The etag of the identity; a connection or a message of the module does not change it. */
  etag: string;
  /** Changes when the module is removed and created again. Empty if the hub did not send it. */
  generationId: string;
  /** The service that owns the module, such as `IotEdge`; undefined if no service owns it. */
  managedBy?: string;
  authentication: 'sas' | 'selfSigned' | 'certificateAuthority' | 'none';
  /** Only with `selfSigned`. */
  thumbprints?: Thumbprints;
  isConnected: boolean;
  /** ISO 8601; undefined if the module was never active. */
  lastActivityTime?: string;
}

/** One page of a query's result. */
export interface Page<Row> {
  /** May hold fewer rows than requested even if it is not the last page. */
  rows: Row[];
  /** Number of further rows that could not be read; undefined if there are none. */
  unreadable?: number;
  /** Undefined on the last page. */
  continuation?: string;
}

/** The result of one creation of a bulk call; `unknown` if the response does not say it, so the caller must read the module. */
export type CreationVerdict = 'created' | 'exists' | 'unknown' | { refused: HubErrorKind; code?: string };

/**
 * Called with true when a call is sent, and with false when the hub has refused it, before another try. A call is not in flight
 * while it waits: if the slice ends then, the hub cannot have executed the call.
 */
export type OnInFlight = (isInFlight: boolean) => void;

/**
 * One hub's identity registry, reduced to what reconciling needs. Each method is one call to the hub and throws only
 * `HubError`; a wrapper may add errors of its own (an aborted signal's reason). Results never hold keys.
 */
export interface Registry {
  /**
   * Whether the hub accepts module calls about a disabled device: not under SAS (401), but under Entra ID (observed on one live
   * hub, 2026).
   */
  readonly reachesDisabledDevices: boolean;
  /** Whether the hub's tier has module identities, by the settings; a Basic tier does not (Microsoft, module twins page). */
  readonly tierHasModules: boolean;
  /** Reads by id, so never stale. Throws `HubError` of kind `deviceNotFound` if the device is missing. */
  getDevice(deviceId: string): Promise<DeviceInfo>;
  /** Reads by id, so never stale. False also if the device is missing. */
  hasModule(name: ModuleName): Promise<boolean>;
  /** Creates the module; `exists` if there is one already, which is never changed. */
  createModule(creation: ModuleCreation): Promise<'created' | 'exists'>;
  /**
   * Creates at most 100 modules (more throw `RangeError`); returns one verdict each, in order. Never changes a module that exists.
   * Throws `HubError` of kind `moduleExists` if the hub refused the whole call because some modules exist and does not say which.
   * Only `pacedRegistry`, which waits before its calls, calls `onInFlight`.
   */
  createModules(creations: readonly ModuleCreation[], onInFlight?: OnInFlight): Promise<CreationVerdict[]>;
  /**
   * One page of the devices, in no order. Usually stale by seconds; Microsoft advises to tolerate 30 minutes. May contain deleted
   * devices.
   */
  listDevices(query: { withTags: boolean; maxRows: number; continuation?: string }): Promise<Page<DeviceInfo>>;
  /** Reads by id, so never stale. Undefined if the module or its device is missing. */
  readModuleTwin(name: ModuleName): Promise<ModuleTwin | undefined>;
  /**
   * Reads by id, so never stale. Undefined if the module is missing. Under a SAS key, throws `HubError` of kind `unauthorized` if
   * the device is missing or disabled.
   */
  readModule(name: ModuleName): Promise<ModuleIdentity | undefined>;
  /** Merges `patch` into the twin if its etag is still `etag`, else `conflict`; `missing` if the module or its device is missing. */
  writeModuleTwin(name: ModuleName, patch: TwinContent, etag: string): Promise<'written' | 'conflict' | 'missing'>;
  /**
   * Removes the identity with its twin and keys if its etag is still `etag`; `conflict` if it is not. Throws the errors of
   * `readModule`. Only `pacedRegistry`, which waits before its calls, calls `beforeSending` after each wait: if that throws,
   * nothing is sent.
   */
  removeModule(name: ModuleName, etag: string, beforeSending?: () => void): Promise<'removed' | 'missing' | 'conflict'>;
  /** One page of the modules that the query finds; as stale as `listDevices`. `text` and `columns`: see `moduleQueries`. */
  findModules(query: { text: string; columns?: ModuleColumns; continuation?: string }): Promise<Page<FoundModule>>;
  /** Number of device identities on the hub. */
  countDevices(): Promise<number>;
  /** Number of module identities on the hub, including those of IoT Edge; as stale as `listDevices`. */
  countModules(): Promise<number>;
}

/** Most identities in one bulk call (Swagger of the service; the hub refuses more with 413002). */
export const maxBulkIdentities = 100;
