import type { ModuleName } from '../hub/registry.ts';

/** Names a device and a module in one string. */
export function pairKey({ deviceId, moduleId }: ModuleName): string {
  return `${deviceId}\n${moduleId}`; // neither can hold a line break
}
