import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { TwinObject } from '../policy/moduleSpec.ts';
import type { HubErrorKind } from './hubError.ts';

/** A module identity that should be made. */
export interface ModuleCreation {
  deviceId: string;
  moduleId: string;
  authentication: 'sas' | 'certificateAuthority';
  /** Written in the same call that creates the module. */
  twin?: { tags?: TwinObject; desired?: TwinObject };
}

export interface ModuleName {
  deviceId: string;
  moduleId: string;
}

export interface Page<Row> {
  /** May hold fewer rows than asked for without being the last page. */
  rows: Row[];
  /** Undefined on the last page. */
  continuation?: string;
}

/** What the hub said of one creation of a bulk call; `unknown` where it said nothing, so it must be looked up. */
export type CreationVerdict = 'created' | 'exists' | 'unknown' | { refused: HubErrorKind; code?: string };

/**
 * One hub's identity registry, reduced to what reconciling needs; each method is one call to the hub. All methods throw
 * `HubError` and nothing else of their own; a wrapper may add the errors of its own reasons to stop.
 * Keys that a hub's answer carries never come through.
 */
export interface Registry {
  /**
   * Whether the hub answers module calls on a disabled device. Under SAS it does not (401); under Entra ID it does
   * (seen on one live hub, 2026).
   */
  readonly reachesDisabledDevices: boolean;
  /** By id, so never stale. Throws `deviceNotFound`. */
  getDevice(deviceId: string): Promise<DeviceInfo>;
  /** By id, so never stale. False also when the device itself is missing. */
  hasModule(name: ModuleName): Promise<boolean>;
  /** Never changes a module that is there already: such a one is answered by `exists`. */
  createModule(creation: ModuleCreation): Promise<'created' | 'exists'>;
  /** At most 100 creations; one verdict each, in their order. Never changes a module that is there already. */
  createModules(creations: readonly ModuleCreation[]): Promise<CreationVerdict[]>;
  /** Stale by seconds, at worst 30 minutes; may name deleted devices; in no order. */
  listDevices(query: { withTags: boolean; maxRows: number; continuation?: string }): Promise<Page<DeviceInfo>>;
  /** Which of these modules of these devices exist; the result is as stale as `listDevices`. See `moduleQueries`. */
  findModules(query: { text: string; continuation?: string }): Promise<Page<ModuleName>>;
  /** How many device identities the hub has. */
  countDevices(): Promise<number>;
  /** How many module identities the hub has, those of Edge included; as stale as `listDevices`. */
  countModules(): Promise<number>;
}

/** Most identities in one bulk call (swagger of the service; more is refused with 413002). */
export const maxBulkIdentities = 100;
