import type { ModuleSpec } from '../../shared/policy/moduleSpec.ts';

export const agent = 'DefenderIotMicroAgent';

/** The default policy's one spec, with changes. */
export function spec(changes: Partial<ModuleSpec> = {}): ModuleSpec {
  return {
    moduleId: agent,
    ensure: 'present',
    authentication: 'inherit',
    twin: { mode: 'seed' },
    select: { edge: false },
    stop: { maxFailurePercent: 10 },
    ...changes,
  };
}
