import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { requireId } from '../wire/bodyFields.ts';
import { deviceNotFound, moduleNotFound, modulesOutOfReach, notInThisTier } from '../wire/refusals.ts';
import type { HubCall } from './operation.ts';

/** The device that the path names, if a read finds it already; else the hub's 404. */
export function findDevice(call: HubCall): DeviceRow {
  requireId(call.deviceId, 'The device id');
  const device = readableDevice(call.store, call.deviceId);
  if (!device) throw deviceNotFound(call.deviceId);
  return device;
}

/**
 * The device whose module identities are meant. Under SAS a missing or disabled one is a 401; under Entra ID a missing one is
 * a 404, and modules of a disabled one can be had (seen on one live hub).
 */
export function findDeviceForModules(call: HubCall): DeviceRow {
  requireId(call.deviceId, 'The device id');
  requireModules(call.store);
  const device = readableDevice(call.store, call.deviceId);
  if (call.caller.kind === 'entra') {
    if (!device) throw deviceNotFound(call.deviceId);
    return device;
  }
  if (!device) throw modulesOutOfReach(call.deviceId, 'missing');
  if (device.status === 'disabled') throw modulesOutOfReach(call.deviceId, 'disabled');
  return device;
}

/** The module identity that the path names; else the hub's 401 or 404. */
export function findModule(call: HubCall): ModuleRow {
  const device = findDeviceForModules(call);
  requireId(call.moduleId, 'The module id');
  const module = call.store.findModule(device, call.moduleId);
  if (!module || !call.store.isReadable(module)) throw moduleNotFound(call.deviceId, call.moduleId);
  return module;
}

/** Whose twin the path names. A missing module twin is a 404 DeviceNotFound, whatever is missing (seen on one live hub). */
export function findTwinOwner(call: HubCall): DeviceRow | ModuleRow {
  requireModules(call.store); // Basic has neither modules nor twins
  const device = findDevice(call);
  if (call.moduleId === '') return device;
  requireId(call.moduleId, 'The module id');
  const module = call.store.findModule(device, call.moduleId);
  if (!module || !call.store.isReadable(module)) throw deviceNotFound(call.deviceId);
  return module;
}

/** Basic tiers have no module identities and no twins (Microsoft: "Choose the right IoT Hub tier"). */
export function requireModules(store: IdentityStore): void {
  if (store.rules.tier.startsWith('B')) throw notInThisTier();
}

function readableDevice(store: IdentityStore, deviceId: string): DeviceRow | undefined {
  const device = store.table.get(deviceId);
  return device && store.isReadable(device) ? device : undefined;
}
