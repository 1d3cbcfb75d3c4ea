import type { OperationClass } from './hubBudgets.ts';
import type { Registry } from './registry.ts';

/** One call to a hub, before it is made: the one place that says what each call costs. */
export interface HubCall {
  /** In the words of `HubError.operation`. */
  operation: string;
  operationClass: OperationClass;
  /** How many operations of its class the hub counts for it. */
  cost: number;
  method: 'GET' | 'POST' | 'PUT';
  /** Where it is about a single device. */
  deviceId?: string;
  /** A read that is about no device: a failure of it is the hub's own. */
  concernsWholeHub: boolean;
}

/** The same registry, with `around` between its caller and every call; `around` must return what `work` returns. */
export function aroundEachCall(
  registry: Registry,
  around: <T>(call: HubCall, work: () => Promise<T>) => Promise<T>,
): Registry {
  const read = { operationClass: 'twinReads', cost: 1, method: 'GET', concernsWholeHub: false } as const;
  const query = { operationClass: 'queries', cost: 1, method: 'POST', concernsWholeHub: true } as const;
  const create = { operation: 'create module', operationClass: 'registry', concernsWholeHub: false } as const;
  const statistics = { operation: 'read statistics', operationClass: 'registry', concernsWholeHub: true } as const;
  return {
    reachesDisabledDevices: registry.reachesDisabledDevices,
    getDevice: (deviceId) =>
      around({ ...read, operation: 'read device twin', deviceId }, () => registry.getDevice(deviceId)),
    hasModule: (name) =>
      around({ ...read, operation: 'read module twin', deviceId: name.deviceId }, () => registry.hasModule(name)),
    createModule: (creation) =>
      around({ ...create, cost: 1, method: 'PUT', deviceId: creation.deviceId }, () => registry.createModule(creation)),
    createModules: (creations) =>
      around({ ...create, operation: 'create modules in bulk', cost: creations.length, method: 'POST' }, () =>
        registry.createModules(creations),
      ),
    listDevices: (page) => around({ ...query, operation: 'list devices' }, () => registry.listDevices(page)),
    findModules: (page) => around({ ...query, operation: 'find modules' }, () => registry.findModules(page)),
    countDevices: () => around({ ...statistics, cost: 1, method: 'GET' }, () => registry.countDevices()),
    countModules: () => around({ ...query, operation: 'count modules' }, () => registry.countModules()),
  };
}
