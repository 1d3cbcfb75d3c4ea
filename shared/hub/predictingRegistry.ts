import type { Registry } from './registry.ts';

/** For dry runs: sends the reads of `registry` and no changes. Each change returns success without a call. */
export function predictingRegistry(registry: Registry): Registry {
  return {
    ...registry,
    createModule: async () => 'created',
    createModules: async (creations) => creations.map(() => 'created' as const),
    writeModuleTwin: async () => 'written',
    removeModule: async () => 'removed',
  };
}
