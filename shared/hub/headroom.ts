import { headroomFor, maxIdentities, reservedHeadroom } from '../config/tierLimits.ts';
import { refusalsOfApp } from './adviceFor.ts';
import { isHubError } from './hubError.ts';
import type { Registry } from './registry.ts';

/** Only the reserved headroom under the hub's identity cap remains. */
export class HubFullError extends Error {
  constructor() {
    super(
      `The hub is nearly full: of its ${maxIdentities} identities (devices and modules together) the last ${reservedHeadroom} are reserved for its owner. Remove identities or use another hub.`,
    );
    this.name = 'HubFullError';
  }
}

/** What a hub holds. `headroom`: modules that may still be created. `modules` and `headroom` are null if the hub cannot count. */
export interface HubSize {
  devices: number;
  modules: number | null;
  headroom: number | null;
}

/** Reads the hub's counts. Throws `HubError`. */
export async function countHub(registry: Registry): Promise<HubSize> {
  const [devices, modules] = await Promise.all([registry.countDevices(), countModules(registry)]);
  return { devices, modules, headroom: modules === null ? null : headroomFor(devices, modules) };
}

/** Number of modules that may still be created; null if the hub cannot count. Throws `HubFullError` if fewer than `needed`. */
export async function recountHeadroom(registry: Registry, needed: number): Promise<number | null> {
  const { headroom } = await countHub(registry);
  if (headroom !== null && headroom < needed) throw new HubFullError();
  return headroom;
}

/**
 * COUNT over `devices.modules` is not clearly documented, and no run depends on it: any failure gives null, except a refusal of
 * the app, which meets its other calls too.
 */
async function countModules(registry: Registry): Promise<number | null> {
  try {
    return await registry.countModules();
  } catch (error) {
    if (isHubError(error) && !isHubError(error, ...refusalsOfApp)) return null;
    throw error;
  }
}
