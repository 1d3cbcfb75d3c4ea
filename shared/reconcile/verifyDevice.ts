import type { Registry } from '../hub/registry.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import type { ModuleChange } from './moduleChange.ts';
import type { Verdict } from './outcome.ts';
import { readAndCompare } from './reconcileDevice.ts';

/** The state of one module of the policy on a device. */
export interface ModuleState {
  moduleId: string;
  state: 'present' | 'missing' | 'excluded';
  /** Why the spec excludes the device, why a missing module cannot be created now, or what is wrong with a present one. */
  reason?: string;
  /** The change that reconciling the device would make now; undefined if none. */
  needs?: ModuleChange['do'];
  /** The outcome, if the module needs no change. */
  verdict?: Verdict;
}

/**
 * Reads by id the state of each of the policy's modules on one device, selected as of `nowMs`; changes nothing. A module that should
 * be absent is `missing` without a reason, or `present` and left to the next run. Throws `HubError` as `reconcileDevice`.
 */
export async function verifyDevice(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<ModuleState[]> {
  const { settled, needed } = await readAndCompare(registry, policy, deviceId, nowMs);
  const changes = new Map(needed.map((change) => [change.moduleId, change.do]));
  const verdicts = new Map(settled.map(({ deviceId: _same, moduleId, ...verdict }) => [moduleId, verdict]));
  return policy.map((spec): ModuleState => {
    const { moduleId } = spec;
    const change = changes.get(moduleId);
    if (change === 'create') return { moduleId, state: 'missing', needs: change };
    if (change !== undefined) return { moduleId, state: 'present', reason: 'twinDiffers', needs: change };
    const verdict = verdicts.get(moduleId) ?? { outcome: 'unchanged' };
    return { moduleId, ...stateOf(spec, verdict), verdict };
  });
}

function stateOf({ ensure }: ModuleSpec, { outcome, reason }: Verdict): Pick<ModuleState, 'state' | 'reason'> {
  const why = reason === undefined ? {} : { reason };
  if (reason === 'onlyByRun') return { state: 'present', ...why };
  if (outcome === 'excluded') return { state: 'excluded', ...why };
  if (outcome === 'blocked') return { state: 'missing', ...why };
  return { state: ensure === 'absent' ? 'missing' : 'present' };
}
