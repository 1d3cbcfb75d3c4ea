import { ticksText } from '../wire/timeText.ts';
import type { DeviceRow } from './identityRow.ts';

/** How every scope of an Edge device begins (Microsoft: "parent and child devices" of IoT Edge). */
export const scopePrefix = 'ms-azure-iot-edge://';

/**
 * `deviceScope` as the service writes it: an Edge device has a scope of its own, a leaf device that of its parent, all
 * others none (seen on one live hub; the form `prefix + device id + "-" + generation id` is Microsoft's).
 */
export function deviceScopeOf(row: DeviceRow): string | undefined {
  return row.edge ? `${scopePrefix}${row.deviceId}-${ticksText(row.createdMicros)}` : row.parentScope;
}

/** `parentScopes`; undefined where the device is nobody's child, since the service leaves it out then. */
export const parentScopesOf = (row: DeviceRow): readonly string[] | undefined =>
  row.parentScope === undefined ? undefined : [row.parentScope];
