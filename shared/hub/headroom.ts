import { headroomFor, maxIdentities, reservedHeadroom } from '../config/tierLimits.ts';
import { isHubError } from './hubError.ts';
import type { Registry } from './registry.ts';

/** Only the reserved headroom under the hub's cap is left. */
export class HubFullError extends Error {
  constructor() {
    super(
      `The hub is nearly full: of its ${maxIdentities} identities (devices and modules together) the last ${reservedHeadroom} are left to its owner. Remove identities or use a further hub.`,
    );
    this.name = 'HubFullError';
  }
}

/** What a hub holds. `headroom`: modules that may still be created; null, as `modules`, where the hub did not count. */
export interface HubSize {
  devices: number;
  modules: number | null;
  headroom: number | null;
}

/** Asks the hub for its counts. */
export async function countHub(registry: Registry): Promise<HubSize> {
  const [devices, modules] = await Promise.all([registry.countDevices(), countModules(registry)]);
  return { devices, modules, headroom: modules === null ? null : headroomFor(devices, modules) };
}

/** How many modules may still be created; null if the hub does not say. Throws `HubFullError` if fewer than `needed`. */
export async function recountHeadroom(registry: Registry, needed: number): Promise<number | null> {
  const { headroom } = await countHub(registry);
  if (headroom !== null && headroom < needed) throw new HubFullError();
  return headroom;
}

/** Whether hubs serve COUNT over modules is not documented for certain; one that does not is not refused for it. */
async function countModules(registry: Registry): Promise<number | null> {
  try {
    return await registry.countModules();
  } catch (error) {
    if (isHubError(error, 'invalid')) return null;
    throw error;
  }
}
