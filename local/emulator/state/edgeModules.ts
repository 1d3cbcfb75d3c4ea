import { tooManyModules } from '../wire/refusals.ts';
import type { Census } from './identityCounter.ts';
import type { DeviceRow } from './identityRow.ts';
import type { ModuleSpec } from './identitySpec.ts';

const edgeModuleIds = ['$edgeAgent', '$edgeHub'];

/** The system modules that an Edge device still lacks; without keys and managed by Edge (seen on one live hub). */
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
 * Throws the hub's 403 or 413 unless the device can become an Edge device; `row` is undefined for one that is yet to be
 * made. Looked at before anything changes, so that a refused device is as it was.
 */
export function requireEdgePlaces(row: DeviceRow | undefined, census: Census, maxModulesPerDevice: number): void {
  const missing = missingEdgeModules(row, undefined).length;
  census.requirePlaces(missing + (row ? 0 : 1));
  if ((row?.modules.length ?? 0) + missing > maxModulesPerDevice) throw tooManyModules(row?.deviceId ?? '');
}
