import type { OperationClass } from './hubBudgets.ts';
import type { OnInFlight, Registry } from './registry.ts';

/** Describes one call to a hub before it is sent. Class and cost of each call are defined only in `aroundEachCall`. */
export interface HubCall {
  /** Same value as `HubError.operation`. */
  operation: string;
  operationClass: OperationClass;
  /** Number of operations of its class that the hub counts for this call. */
  cost: number;
  method: 'GET' | 'POST' | 'PUT';
  /** Only for a call about a single device. */
  deviceId?: string;
  /** True for a read that is not about a single device: its failure is a failure of the hub. */
  concernsWholeHub: boolean;
  /** Whether it may change something on the hub, so that a repetition may meet its own effect. */
  isChange: boolean;
  /** A figure that the caller can do without: never retried. */
  optional: boolean;
  onInFlight?: OnInFlight;
}

/** Wraps every call of a registry in `around`, which must return (or throw) what `work` returns (or throws). */
export function aroundEachCall(
  registry: Registry,
  around: <T>(call: HubCall, work: () => Promise<T>) => Promise<T>,
): Registry {
  const needed = { optional: false, isChange: false };
  const read = { ...needed, operationClass: 'twinReads', cost: 1, method: 'GET', concernsWholeHub: false } as const;
  const query = { ...needed, operationClass: 'queries', cost: 1, method: 'POST', concernsWholeHub: true } as const;
  const create = { ...needed, isChange: true, operationClass: 'registry', concernsWholeHub: false } as const;
  const statistics = { ...needed, operationClass: 'registry', cost: 1, method: 'GET', concernsWholeHub: true } as const;
  return {
    reachesDisabledDevices: registry.reachesDisabledDevices,
    tierHasModules: registry.tierHasModules,
    getDevice: (deviceId) =>
      around({ ...read, operation: 'read device twin', deviceId }, () => registry.getDevice(deviceId)),
    hasModule: (name) =>
      around({ ...read, operation: 'read module twin', deviceId: name.deviceId }, () => registry.hasModule(name)),
    createModule: (creation) =>
      around({ ...create, operation: 'create module', cost: 1, method: 'PUT', deviceId: creation.deviceId }, () =>
        registry.createModule(creation),
      ),
    createModules: (creations, onInFlight) => {
      const bulk = { ...create, operation: 'create modules in bulk', cost: creations.length, method: 'POST' } as const;
      return around(onInFlight ? { ...bulk, onInFlight } : bulk, () => registry.createModules(creations, onInFlight));
    },
    listDevices: (page) => around({ ...query, operation: 'list devices' }, () => registry.listDevices(page)),
    findModules: (page) => around({ ...query, operation: 'find modules' }, () => registry.findModules(page)),
    countDevices: () => around({ ...statistics, operation: 'read statistics' }, () => registry.countDevices()),
    countModules: () => around({ ...query, operation: 'count modules', optional: true }, () => registry.countModules()),
  };
}
