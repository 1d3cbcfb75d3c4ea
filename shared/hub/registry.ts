import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { TwinObject } from '../policy/moduleSpec.ts';
import type { HubErrorKind } from './hubError.ts';

/** A module identity to create. */
export interface ModuleCreation {
  deviceId: string;
  moduleId: string;
  authentication: 'sas' | 'certificateAuthority';
  /** Written in the same call that creates the module. */
  twin?: { tags?: TwinObject; desired?: TwinObject };
}

/** Identifies one module identity of a hub. */
export interface ModuleName {
  deviceId: string;
  moduleId: string;
}

/** One page of a query's result. */
export interface Page<Row> {
  /** May hold fewer rows than requested even if it is not the last page. */
  rows: Row[];
  /** Number of further rows that had another shape; none if undefined. */
  unreadable?: number;
  /** Undefined on the last page. */
  continuation?: string;
}

/** The hub's result for one creation of a bulk call; `unknown` if the response does not name it, so it must be looked up. */
export type CreationVerdict = 'created' | 'exists' | 'unknown' | { refused: HubErrorKind; code?: string };

/**
 * Told whether a call is on its way to the hub. It is not while it waits for its turn, or for another try after a refusal: if the
 * slice ends then, the hub cannot have executed it.
 */
export type OnInFlight = (isInFlight: boolean) => void;

/**
 * One hub's identity registry, reduced to what reconciling needs. Each method is one call to the hub and throws only
 * `HubError`; a wrapper may add errors of its own (an aborted signal's reason). Results never hold keys.
 */
export interface Registry {
  /**
   * Whether the hub accepts module calls on a disabled device. Under SAS it does not (401); under Entra ID it does (observed
   * on one live hub, 2026).
   */
  readonly reachesDisabledDevices: boolean;
  /** Whether the hub's tier has module identities, by the settings; a Basic tier does not (Microsoft, module twins page). */
  readonly tierHasModules: boolean;
  /** Reads by id, so never stale. Throws `HubError` of kind `deviceNotFound`. */
  getDevice(deviceId: string): Promise<DeviceInfo>;
  /** Reads by id, so never stale. False also if the device itself is missing. */
  hasModule(name: ModuleName): Promise<boolean>;
  /** Never changes a module that exists; returns `exists` for it. */
  createModule(creation: ModuleCreation): Promise<'created' | 'exists'>;
  /**
   * At most 100 creations (more throw `RangeError`); returns one verdict each, in order. Never changes a module that exists. Throws
   * `HubError` of kind `moduleExists` if the hub refused all because some exist, without saying which. Only a registry that waits
   * before its calls (`pacedRegistry`) uses `onInFlight`.
   */
  createModules(creations: readonly ModuleCreation[], onInFlight?: OnInFlight): Promise<CreationVerdict[]>;
  /** Usually stale by seconds, and Microsoft advises to tolerate 30 minutes; may name deleted devices; unordered. */
  listDevices(query: { withTags: boolean; maxRows: number; continuation?: string }): Promise<Page<DeviceInfo>>;
  /** Which modules of the query exist; as stale as `listDevices`. `text`: see `moduleQueries`. */
  findModules(query: { text: string; continuation?: string }): Promise<Page<ModuleName>>;
  /** Number of device identities on the hub. */
  countDevices(): Promise<number>;
  /** Number of module identities on the hub, including those of IoT Edge; as stale as `listDevices`. */
  countModules(): Promise<number>;
}

/** Most identities in one bulk call (Swagger of the service; the hub refuses more with 413002). */
export const maxBulkIdentities = 100;
