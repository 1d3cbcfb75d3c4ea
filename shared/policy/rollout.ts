import type { ModuleSpec, Policy } from './moduleSpec.ts';
import { fingerprintOf } from './policyFingerprint.ts';

/** How far the rollout of one module is on a hub, as the hub document keeps it. */
export interface RolloutState {
  /** `rolloutFingerprint` of the spec: with another one the rollout begins anew. */
  spec: string;
  /** Index of the wave that is open; the waves before it are done. */
  wave: number;
  /** When a run has finished the wave; ISO 8601, UTC. Absent before. */
  doneAt?: string;
  /** Why the next wave does not begin although this one has had its run. */
  held?: string;
}

/** The states of a hub by module id. */
export type RolloutStates = Readonly<Record<string, RolloutState>>;

/**
 * The fingerprint of what a rollout brings to which devices in which order. A pause, a stop rule or a window that is changed in
 * mid-rollout leaves it as it is.
 */
function rolloutFingerprint({ moduleId, ensure, authentication, twin, select, rollout }: ModuleSpec): string {
  return fingerprintOf({ moduleId, ensure, authentication, twin, select, waves: rollout?.waves ?? [] });
}

/** The state of a spec with a rollout; at its first wave if the hub has no state of this spec. */
export function stateOf(spec: ModuleSpec, states: RolloutStates = {}): RolloutState {
  const fingerprint = rolloutFingerprint(spec);
  const state = Object.hasOwn(states, spec.moduleId) ? states[spec.moduleId] : undefined;
  return state?.spec === fingerprint ? state : { spec: fingerprint, wave: 0 };
}

/** The policy as it applies to a hub with these states: with the open wave in each spec with a rollout. */
export function atOpenWaves(policy: Policy, states: RolloutStates | undefined): Policy {
  if (!hasRollout(policy)) return policy;
  return policy.map((spec) => (spec.rollout ? { ...spec, openWave: stateOf(spec, states).wave } : spec));
}

/** Whether a spec of the policy has a rollout, so that it matters how far it is. */
export function hasRollout(policy: Policy): boolean {
  return policy.some(({ rollout }) => rollout !== undefined);
}
