import { headroomFor, maxIdentities, reservedHeadroom } from '../config/tierLimits.ts';
import { refusalsOfApp } from './adviceFor.ts';
import { isHubError } from './hubError.ts';
import type { Registry } from './registry.ts';

/** No module may be created: only the reserved headroom under the hub's identity cap remains. */
export class HubFullError extends Error {
  constructor() {
    super(
      `The hub is nearly full: of its ${maxIdentities} identities (devices and modules together) the last ${reservedHeadroom} are reserved for its owner. Remove identities or use another hub.`,
    );
    this.name = 'HubFullError';
  }
}

/**
 * Numbers of identities of a hub. `headroom`: modules that may still be created. `modules` and `headroom` are null if the hub
 * cannot count modules.
 */
export interface HubSize {
  devices: number;
  modules: number | null;
  headroom: number | null;
}

/** Reads the hub's counts. Throws `HubError`. */
export async function countHub(registry: Registry): Promise<HubSize> {
  const devices = await registry.countDevices(); // first, because it waits until an outage ends; the optional count does not
  const modules = await countModules(registry);
  return { devices, modules, headroom: modules === null ? null : headroomFor(devices, modules) };
}

/**
 * Number of modules; null if the hub did not count them: Microsoft does not document COUNT over modules, and a run does not need
 * the number. Throws a `HubError` only if the hub refuses the app as a whole.
 */
async function countModules(registry: Registry): Promise<number | null> {
  try {
    return await registry.countModules();
  } catch (error) {
    if (!isHubError(error) || isHubError(error, ...refusalsOfApp)) throw error;
    return null;
  }
}
