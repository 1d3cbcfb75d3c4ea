import { assertNever } from '../assertNever.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import type { ModuleChange } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';

/**
 * Makes one change and returns its outcome. Throws `HubError` for everything that says nothing about this device: the hub
 * is throttled or unavailable, a quota is used up, a role or right is missing.
 */
export async function applyChange(registry: Registry, change: ModuleChange): Promise<DeviceModuleOutcome> {
  const { deviceId, moduleId } = change;
  try {
    return { deviceId, moduleId, outcome: await apply(registry, change) };
  } catch (error) {
    if (!isHubError(error)) throw error;
    const verdict =
      error.kind === 'unauthorized'
        ? await explainUnauthorized(registry, change, error)
        : verdictOf(error.kind, error.code);
    if (verdict === undefined) throw error;
    return { deviceId, moduleId, ...verdict };
  }
}

async function apply(registry: Registry, change: ModuleChange): Promise<'created' | 'unchanged'> {
  switch (change.do) {
    case 'create':
      return (await registry.createModule(change)) === 'created' ? 'created' : 'unchanged';
    default:
      return assertNever(change.do);
  }
}

/**
 * Under a SAS key a hub responds 401 to a module call on a missing or disabled device, as it does for a bad key. Reading the
 * device's twin tells them apart: if the device exists and is enabled, the 401 concerns the app and is thrown. A module that a
 * disabled device has is `unchanged`.
 */
async function explainUnauthorized(registry: Registry, name: ModuleName, refusal: HubError): Promise<Verdict> {
  try {
    const device = await registry.getDevice(name.deviceId);
    if (device.status === 'disabled') {
      return (await registry.hasModule(name)) ? { outcome: 'unchanged' } : { outcome: 'blocked', reason: 'disabled' };
    }
  } catch (error) {
    if (isHubError(error, 'deviceNotFound')) return { outcome: 'gone' };
    throw error;
  }
  throw refusal;
}
