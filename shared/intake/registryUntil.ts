import type { Registry } from '../hub/registry.ts';

/**
 * The same registry until `signal` is aborted; from then on every call rejects with the signal's reason and the hub is
 * not asked. A call that is under way at that moment goes on: a hub may have done what it has not answered yet.
 */
export function registryUntil(registry: Registry, signal: AbortSignal): Registry {
  async function unlessAborted<T>(call: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    return call();
  }
  return {
    reachesDisabledDevices: registry.reachesDisabledDevices,
    getDevice: (deviceId) => unlessAborted(() => registry.getDevice(deviceId)),
    hasModule: (name) => unlessAborted(() => registry.hasModule(name)),
    createModule: (creation) => unlessAborted(() => registry.createModule(creation)),
    createModules: (creations) => unlessAborted(() => registry.createModules(creations)),
    listDevices: (query) => unlessAborted(() => registry.listDevices(query)),
    findModules: (query) => unlessAborted(() => registry.findModules(query)),
    countDevices: () => unlessAborted(() => registry.countDevices()),
    countModules: () => unlessAborted(() => registry.countModules()),
  };
}
