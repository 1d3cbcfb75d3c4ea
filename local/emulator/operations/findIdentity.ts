import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { requireId } from '../wire/bodyFields.ts';
import { deviceNotFound, moduleNotFound, modulesUnavailable, notInThisTier } from '../wire/refusals.ts';
import type { HubCall } from './operation.ts';

/** The device in the path. Throws the hub's 404 if it does not exist or is not readable yet. */
export function findDevice(call: HubCall): DeviceRow {
  requireId(call.deviceId, 'The device id');
  const device = readableDevice(call.store, call.deviceId);
  if (!device) throw deviceNotFound(call.deviceId);
  return device;
}

/**
 * The device in the path of a module call. Under SAS a missing or disabled device is a 401; under Entra ID a missing
 * one is a 404 and a disabled one is allowed (seen on one live hub).
 */
export function findDeviceForModules(call: HubCall): DeviceRow {
  requireId(call.deviceId, 'The device id');
  requireModules(call.store);
  const device = readableDevice(call.store, call.deviceId);
  if (call.caller.kind === 'entra') {
    if (!device) throw deviceNotFound(call.deviceId);
    return device;
  }
  if (!device) throw modulesUnavailable(call.deviceId, 'missing');
  if (device.status === 'disabled') throw modulesUnavailable(call.deviceId, 'disabled');
  return device;
}

/** The module identity in the path. Throws the hub's 401 or 404. */
export function findModule(call: HubCall): ModuleRow {
  const device = findDeviceForModules(call);
  requireId(call.moduleId, 'The module id');
  const module = call.store.findModule(device, call.moduleId);
  if (!module || !call.store.isReadable(module)) throw moduleNotFound(call.deviceId, call.moduleId);
  return module;
}

/**
 * The device or module whose twin the path names. A missing module twin is a 404 DeviceNotFound, whether device or
 * module is missing (seen on one live hub).
 */
export function findTwinOwner(call: HubCall): DeviceRow | ModuleRow {
  requireModules(call.store); // Basic has neither modules nor twins
  const device = findDevice(call);
  if (call.moduleId === '') return device;
  requireId(call.moduleId, 'The module id');
  const module = call.store.findModule(device, call.moduleId);
  if (!module || !call.store.isReadable(module)) throw deviceNotFound(call.deviceId);
  return module;
}

/**
 * Throws the hub's 403 in Basic tiers: they have no modules and no twins (Microsoft: "Choose the right IoT Hub tier").
 */
export function requireModules(store: IdentityStore): void {
  if (store.rules.tier.startsWith('B')) throw notInThisTier();
}

function readableDevice(store: IdentityStore, deviceId: string): DeviceRow | undefined {
  const device = store.table.get(deviceId);
  return device && store.isReadable(device) ? device : undefined;
}
