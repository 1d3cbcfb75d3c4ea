import type { Registry } from './registry.ts';

/** The methods of a `Registry` that call the hub. */
type Call = Exclude<keyof Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

/** The name of each call to a hub in errors, logs and spans, and the right that the call needs. */
export const operations = {
  getDevice: { name: 'read device twin', needs: 'read' },
  hasModule: { name: 'read module twin', needs: 'read' },
  createModule: { name: 'create module', needs: 'registryWrite' },
  createModules: { name: 'create modules in bulk', needs: 'registryWrite' },
  readModuleTwin: { name: 'read module twin with its content', needs: 'read' },
  readModule: { name: 'read module identity', needs: 'read' },
  writeModuleTwin: { name: 'write module twin', needs: 'twinWrite' },
  removeModule: { name: 'remove module', needs: 'registryWrite' },
  listDevices: { name: 'list devices', needs: 'read' },
  findModules: { name: 'find modules', needs: 'read' },
  countDevices: { name: 'read statistics', needs: 'read' },
  countModules: { name: 'count modules', needs: 'read' },
} as const satisfies Record<Call, { name: string; needs: Right }>;

/** The name of a call to a hub. */
export type OperationName = (typeof operations)[Call]['name'];

/** A right on a hub: a role under Entra ID, or permissions of a shared access policy (`adviceFor.ts`). */
export type Right = 'read' | 'registryWrite' | 'twinWrite';

/** The right that the call with this name needs; `read` if no call has this name. */
export function rightOf({ operation }: { operation: string }): Right {
  return Object.values(operations).find(({ name }) => name === operation)?.needs ?? 'read';
}
