import type { Registry } from './registry.ts';

/** A registry that reads and changes nothing: each change succeeds without being sent. For dry runs. */
export function predictingRegistry(registry: Registry): Registry {
  return {
    ...registry,
    createModule: async () => 'created',
    createModules: async (creations) => creations.map(() => 'created' as const),
    writeModuleTwin: async () => 'written',
    removeModule: async () => 'removed',
  };
}
