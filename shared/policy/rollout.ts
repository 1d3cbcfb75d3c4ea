import type { ModuleSpec, Policy } from './moduleSpec.ts';
import { fingerprintOf } from './policyFingerprint.ts';

/** The progress of the rollout of one module on one hub, as stored in the hub document. */
export interface RolloutState {
  /** `rolloutFingerprint` of the spec. If the spec of the policy has another one, the rollout begins again at its first wave. */
  spec: string;
  /** Index of the wave that is open; the waves before it are done. */
  wave: number;
  /** When a run finished the open wave; ISO 8601, UTC. Undefined until then. */
  doneAt?: string;
  /** Why the next wave does not begin although a run finished this wave; undefined if nothing holds it. */
  held?: string;
}

/** The states of a hub by module id. */
export type RolloutStates = Readonly<Record<string, RolloutState>>;

/**
 * Returns a fingerprint of the parts of a spec that decide what a rollout changes, on which devices and in which order. A
 * change of the other parts (pause, stop rules, windows) does not start the rollout again.
 */
function rolloutFingerprint({ moduleId, ensure, authentication, twin, select, rollout }: ModuleSpec): string {
  return fingerprintOf({ moduleId, ensure, authentication, twin, select, waves: rollout?.waves ?? [] });
}

/** Returns the state of a spec with a rollout; its first wave if the hub has no state of this version of the spec. */
export function stateOf(spec: ModuleSpec, states: RolloutStates = {}): RolloutState {
  const fingerprint = rolloutFingerprint(spec);
  const state = Object.hasOwn(states, spec.moduleId) ? states[spec.moduleId] : undefined;
  return state?.spec === fingerprint ? state : { spec: fingerprint, wave: 0 };
}

/** Returns the policy for a hub with these states: each spec with a rollout gets its `openWave`. */
export function atOpenWaves(policy: Policy, states: RolloutStates | undefined): Policy {
  if (!hasRollout(policy)) return policy;
  return policy.map((spec) => (spec.rollout ? { ...spec, openWave: stateOf(spec, states).wave } : spec));
}

/** Whether a spec of the policy has a rollout. If none has, the rollout states of the hub need not be read. */
export function hasRollout(policy: Policy): boolean {
  return policy.some(({ rollout }) => rollout !== undefined);
}
