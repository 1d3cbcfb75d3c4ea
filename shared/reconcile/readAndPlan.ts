import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { verdictOf } from './outcome.ts';
import { type DevicePlan, planDevice } from './planDevice.ts';

/**
 * Reads a device by id and plans its changes. A hub that refuses every device alike (a Basic hub has no twins) blocks all
 * its specs. Throws `HubError` for all else; `deviceNotFound` if there is no such device.
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
