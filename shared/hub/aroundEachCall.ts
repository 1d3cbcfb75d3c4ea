import type { OperationClass } from './hubBudgets.ts';
import { type OperationName, operations } from './operations.ts';
import type { OnInFlight, Registry } from './registry.ts';

/** Describes one call to a hub before it is sent. Class and cost of each call are defined only in `aroundEachCall`. */
export interface HubCall {
  /** Same value as `HubError.operation`. */
  operation: OperationName;
  operationClass: OperationClass;
  /** Number of operations of its class that the hub counts for this call. */
  cost: number;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Undefined for a call about several devices or the whole hub. */
  deviceId?: string;
  /** True for a read that is not about a single device, so that its failure is a failure of the hub. */
  concernsWholeHub: boolean;
  /** The modules that the call changes; absent for a read. */
  moduleIds?: readonly string[];
  /** Whether the call may change the hub. If the response is lost, a repeated call may find the change of the first one. */
  isChange: boolean;
  /** True for a call whose result the caller does not need; `pacedRegistry` does not retry it. */
  optional: boolean;
  onInFlight?: OnInFlight;
  /** Called before each attempt; if it throws, the call is not sent. */
  beforeSending?: () => void;
}

/** Wraps every call of a registry in `around`. `around` must return the result of `work`; it may throw errors of its own. */
export function aroundEachCall(
  registry: Registry,
  around: <T>(call: HubCall, work: () => Promise<T>) => Promise<T>,
): Registry {
  const base = { optional: false, isChange: false };
  const read = { ...base, operationClass: 'twinReads', cost: 1, method: 'GET', concernsWholeHub: false } as const;
  const query = { ...base, operationClass: 'queries', cost: 1, method: 'POST', concernsWholeHub: true } as const;
  const create = { ...base, isChange: true, operationClass: 'registry', concernsWholeHub: false } as const;
  const write = {
    ...base,
    isChange: true,
    operationClass: 'twinWrites',
    cost: 1,
    method: 'PATCH',
    concernsWholeHub: false,
  } as const;
  const statistics = { ...base, operationClass: 'registry', cost: 1, method: 'GET', concernsWholeHub: true } as const;
  return {
    reachesDisabledDevices: registry.reachesDisabledDevices,
    tierHasModules: registry.tierHasModules,
    getDevice: (deviceId) =>
      around({ ...read, operation: operations.getDevice.name, deviceId }, () => registry.getDevice(deviceId)),
    hasModule: (name) =>
      around({ ...read, operation: operations.hasModule.name, deviceId: name.deviceId }, () =>
        registry.hasModule(name),
      ),
    createModule: (creation) =>
      around(
        {
          ...create,
          ...{ operation: operations.createModule.name, cost: 1, method: 'PUT', deviceId: creation.deviceId },
          moduleIds: [creation.moduleId],
        },
        () => registry.createModule(creation),
      ),
    createModules: (creations, onInFlight) => {
      const bulk = {
        ...create,
        operation: operations.createModules.name,
        cost: creations.length,
        method: 'POST',
        moduleIds: creations.map(({ moduleId }) => moduleId),
      } as const;
      return around(onInFlight ? { ...bulk, onInFlight } : bulk, () => registry.createModules(creations, onInFlight));
    },
    readModuleTwin: (name) =>
      around({ ...read, operation: operations.readModuleTwin.name, deviceId: name.deviceId }, () =>
        registry.readModuleTwin(name),
      ),
    readModule: (name) =>
      around(
        { ...read, operationClass: 'registry', operation: operations.readModule.name, deviceId: name.deviceId },
        () => registry.readModule(name),
      ),
    writeModuleTwin: (name, patch, etag) =>
      around(
        {
          ...write,
          ...{ operation: operations.writeModuleTwin.name, deviceId: name.deviceId },
          moduleIds: [name.moduleId],
        },
        () => registry.writeModuleTwin(name, patch, etag),
      ),
    removeModule: (name, etag, beforeSending) =>
      around(
        {
          ...create,
          ...{ operation: operations.removeModule.name, cost: 1, method: 'DELETE', deviceId: name.deviceId },
          moduleIds: [name.moduleId],
          ...(beforeSending ? { beforeSending } : {}),
        },
        () => registry.removeModule(name, etag, beforeSending),
      ),
    listDevices: (page) =>
      around({ ...query, operation: operations.listDevices.name }, () => registry.listDevices(page)),
    findModules: (page) =>
      around({ ...query, operation: operations.findModules.name }, () => registry.findModules(page)),
    countDevices: () =>
      around({ ...statistics, operation: operations.countDevices.name }, () => registry.countDevices()),
    countModules: () =>
      around({ ...query, operation: operations.countModules.name, optional: true }, () => registry.countModules()),
  };
}
