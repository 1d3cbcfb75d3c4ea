import type { Registry } from '../hub/registry.ts';

/**
 * The same registry until `signal` is aborted; from then on every call rejects with the signal's reason and the hub is
 * not asked. A call that is under way at that moment goes on: a hub may have done what it has not answered yet.
 */
export function registryUntil(registry: Registry, signal: AbortSignal): Registry {
  async function abortable<T>(call: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    return call();
  }
  return {
    reachesDisabledDevices: registry.reachesDisabledDevices,
    getDevice: (deviceId) => abortable(() => registry.getDevice(deviceId)),
    hasModule: (name) => abortable(() => registry.hasModule(name)),
    createModule: (creation) => abortable(() => registry.createModule(creation)),
    createModules: (creations) => abortable(() => registry.createModules(creations)),
    listDevices: (query) => abortable(() => registry.listDevices(query)),
    findModules: (query) => abortable(() => registry.findModules(query)),
    countDevices: () => abortable(() => registry.countDevices()),
    countModules: () => abortable(() => registry.countModules()),
  };
}
