import type { ModuleSpec } from './moduleSpec.ts';

/** A run stops when failures pass this share of the devices seen, in percent (design section 5, "Outcomes"). */
export const defaultMaxFailurePercent = 10;

/** The spec of a module of which only the id is told: on every device but Edge ones, made as the portal makes it. */
export function defaultSpec(moduleId: string): ModuleSpec {
  return {
    moduleId,
    ensure: 'present',
    authentication: 'inherit',
    twin: { mode: 'seed' },
    select: { edge: false },
    stop: { maxFailurePercent: defaultMaxFailurePercent },
  };
}
