import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import { blockedReason } from './blockedReason.ts';

/**
 * Reads a device by id. A Basic hub has no twins, and says so of every device: that is a verdict, not trouble. Throws
 * `HubError` for all else; `deviceNotFound` if there is no such device.
 */
export async function readUnlessBlocked(
  registry: Registry,
  deviceId: string,
): Promise<DeviceInfo | { blocked: string }> {
  try {
    return await registry.getDevice(deviceId);
  } catch (error) {
    const blocked = isHubError(error) ? blockedReason(error.kind) : undefined;
    if (blocked === undefined) throw error;
    return { blocked };
  }
}
