import { createHash } from 'node:crypto';
import { matchesGlob } from './matchesGlob.ts';
import type { ModuleSpec, Policy } from './moduleSpec.ts';
import { fingerprintOf } from './policyFingerprint.ts';

/**
 * One wave of a rollout: the devices that one of the globs matches, or those whose share (`shareOf`) is below a percentage. A
 * device that an earlier wave has is not in a later one.
 */
export type Wave = { deviceIds: readonly string[] } | { percent: number };

/** In which order the devices of a spec get their changes, and what a wave waits for. */
export interface Rollout {
  /** All devices that none of them has form the last wave. */
  waves: readonly Wave[];
  /** Hours between the end of the run that finished a wave and the next wave. */
  pauseHours: number;
  /** The next wave does not begin while more of a wave have failed, or of those that report their health are not healthy. */
  stopWhen: { failedPercent: number; unhealthyPercent: number };
}

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

/** The wave of a device: an index of `waves`, or their number for a device in none of them. */
export function waveOf({ waves }: Pick<Rollout, 'waves'>, deviceId: string): number {
  const index = waves.findIndex((wave) => {
    if ('percent' in wave) return shareOf(deviceId) < wave.percent;
    return wave.deviceIds.some((glob) => matchesGlob(glob, deviceId));
  });
  return index === -1 ? waves.length : index;
}

/**
 * A number from 0 to below 100 that is always the same for a device id and evenly spread over them: the first 32 bits of its
 * SHA-256, as a percentage.
 */
function shareOf(deviceId: string): number {
  return (createHash('sha256').update(deviceId).digest().readUInt32BE(0) / 2 ** 32) * 100;
}

/**
 * The fingerprint of what a rollout brings to which devices in which order. A pause, a stop rule or a window that is changed in
 * mid-rollout leaves it as it is.
 */
export function rolloutFingerprint({ moduleId, ensure, authentication, twin, select, rollout }: ModuleSpec): string {
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
