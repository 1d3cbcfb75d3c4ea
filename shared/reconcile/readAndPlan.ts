import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { verdictOf } from './outcome.ts';
import { type DevicePlan, planDevice } from './planDevice.ts';

/**
 * Reads a device by id and plans its changes. If the refusal means `blocked` (a Basic hub has no twins), all specs are blocked.
 * Throws any other `HubError`; `deviceNotFound` if the device does not exist.
 */
export async function readAndPlan(registry: Registry, policy: Policy, deviceId: string): Promise<DevicePlan> {
  try {
    return planDevice(policy, await registry.getDevice(deviceId), registry.reachesDisabledDevices);
  } catch (error) {
    const verdict = isHubError(error) ? verdictOf(error.kind, error.code) : undefined;
    if (verdict?.outcome !== 'blocked') throw error;
    return { settled: policy.map(({ moduleId }) => ({ deviceId, moduleId, ...verdict })), wanted: [] };
  }
}
