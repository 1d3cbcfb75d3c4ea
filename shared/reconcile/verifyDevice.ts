import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { readAndPlan } from './readAndPlan.ts';

/** Whether one module of the policy exists on a device. */
export interface ModuleState {
  moduleId: string;
  state: 'present' | 'missing' | 'excluded';
  /** Why the spec excludes the device, or why a missing module cannot be created now. */
  reason?: string;
}

/** Reads by id which of the policy's modules one device has, as of `nowMs`; changes nothing. Throws `HubError` as `reconcileDevice`. */
export async function verifyDevice(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<ModuleState[]> {
  const { settled } = await readAndPlan(registry, policy, deviceId, nowMs);
  const verdicts = new Map(settled.map(({ moduleId, ...verdict }) => [moduleId, verdict]));
  const states: ModuleState[] = [];
  for (const { moduleId } of policy) {
    const { outcome, reason } = verdicts.get(moduleId) ?? {};
    const why = reason === undefined ? {} : { reason };
    if (outcome === 'excluded') states.push({ moduleId, state: 'excluded', ...why });
    else if (outcome === 'blocked') states.push({ moduleId, state: 'missing', ...why });
    else if (outcome === 'unchanged') states.push({ moduleId, state: 'present' });
    else if (await registry.hasModule({ deviceId, moduleId })) states.push({ moduleId, state: 'present' });
    else states.push({ moduleId, state: 'missing' });
  }
  return states;
}
