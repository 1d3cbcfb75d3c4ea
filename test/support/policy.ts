import type { ModuleSpec } from '../../shared/policy/moduleSpec.ts';

export const agent = 'DefenderIotMicroAgent';

/** Returns the spec of the default policy, with changes. */
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
