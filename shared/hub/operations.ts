import type { Registry } from './registry.ts';

/** The methods of a `Registry` that call the hub. */
type Call = Exclude<keyof Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

/** How errors, logs and spans name each call to a hub, and whether it creates modules; all other calls only read. */
export const operations = {
  getDevice: { name: 'read device twin', creates: false },
  hasModule: { name: 'read module twin', creates: false },
  createModule: { name: 'create module', creates: true },
  createModules: { name: 'create modules in bulk', creates: true },
  listDevices: { name: 'list devices', creates: false },
  findModules: { name: 'find modules', creates: false },
  countDevices: { name: 'read statistics', creates: false },
  countModules: { name: 'count modules', creates: false },
} as const satisfies Record<Call, { name: string; creates: boolean }>;

/** The name of a call to a hub. */
export type OperationName = (typeof operations)[Call]['name'];

/** Whether the call with this name creates modules. False for a name that is no call's. */
export function isCreate({ operation }: { operation: string }): boolean {
  return Object.values(operations).some(({ name, creates }) => creates && name === operation);
}
