import type { ModuleSpec, Policy } from '../../shared/policy/moduleSpec.ts';
import { policyInForce } from '../../shared/policy/policyInForce.ts';
import type { PolicyReader } from '../../shared/policyStore/policyReader.ts';

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

/** The policy of a setting. */
export function fixedPolicy(policy: Policy): PolicyReader {
  const inForce = policyInForce(policy, 'setting');
  const read = async () => inForce;
  return { current: read, fresh: read };
}
