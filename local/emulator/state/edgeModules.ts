import { tooManyModules } from '../wire/refusals.ts';
import type { IdentityCounter } from './identityCounter.ts';
import type { DeviceRow } from './identityRow.ts';
import type { ModuleSpec } from './identitySpec.ts';

const edgeModuleIds = ['$edgeAgent', '$edgeHub'];

/** The system modules that an Edge device does not have yet; without keys, managed by Edge (seen on one live hub). */
export function missingEdgeModules(row: DeviceRow | undefined, createdAtMs: number | undefined): ModuleSpec[] {
  return edgeModuleIds
    .filter((moduleId) => !row?.modules.some((module) => module.moduleId === moduleId))
    .map((moduleId) => ({
      moduleId,
      managedBy: 'iotEdge',
      seeded: true,
      authentication: { type: 'none' },
      ...(createdAtMs === undefined ? {} : { createdAtMs }),
    }));
}

/**
 * Throws the hub's 403 or 413 unless the limits allow the device to become an Edge device; `row` is undefined for a new
 * device. Call it before any change, so that a refused call changes nothing.
 */
export function requireEdgeCapacity(
  row: DeviceRow | undefined,
  identityCounter: IdentityCounter,
  maxModulesPerDevice: number,
): void {
  const missing = missingEdgeModules(row, undefined).length;
  identityCounter.requireCapacity(missing + (row ? 0 : 1));
  if ((row?.modules.length ?? 0) + missing > maxModulesPerDevice) throw tooManyModules(row?.deviceId ?? '');
}
