import { isHubError } from '../hub/hubError.ts';
import type { ModuleCreation, Registry } from '../hub/registry.ts';
import { blockedReason } from './blockedReason.ts';
import type { ModuleOutcome } from './outcome.ts';

/**
 * Creates one module and says what came of it. Throws `HubError` for all that is no verdict about this device: the hub
 * is throttled or unavailable, a quota is used up, a right is missing.
 */
export async function createOne(registry: Registry, creation: ModuleCreation): Promise<ModuleOutcome> {
  const { moduleId } = creation;
  try {
    const answer = await registry.createModule(creation);
    return { moduleId, outcome: answer === 'created' ? 'created' : 'unchanged' };
  } catch (error) {
    if (isHubError(error, 'deviceNotFound')) return { moduleId, outcome: 'gone' };
    if (isHubError(error, 'unauthorized')) {
      return { moduleId, ...(await explainUnauthorized(registry, creation.deviceId, error)) };
    }
    const reason = isHubError(error) ? blockedReason(error.kind) : undefined;
    if (reason !== undefined) return { moduleId, outcome: 'blocked', reason };
    if (isHubError(error, 'invalid')) return { moduleId, outcome: 'failed', reason: error.code ?? 'invalid' };
    throw error;
  }
}

/**
 * Under a SAS key a hub answers 401 for a module call on a device that is missing or disabled, as for a bad key. The
 * device's twin tells them apart; if that is there and enabled, the 401 meant us, and is thrown.
 */
async function explainUnauthorized(
  registry: Registry,
  deviceId: string,
  refusal: unknown,
): Promise<Pick<ModuleOutcome, 'outcome' | 'reason'>> {
  try {
    const device = await registry.getDevice(deviceId);
    if (device.status === 'disabled') return { outcome: 'blocked', reason: 'disabled' };
  } catch (error) {
    if (isHubError(error, 'deviceNotFound')) return { outcome: 'gone' };
    throw error;
  }
  throw refusal;
}
