import { ticksText } from '../wire/timeText.ts';
import type { DeviceRow } from './identityRow.ts';

/** Every scope of an Edge device begins with this text (Microsoft: "parent and child devices" of IoT Edge). */
const scopePrefix = 'ms-azure-iot-edge://';

/**
 * `deviceScope` as the service writes it: an Edge device has its own scope, a child device that of its parent, all
 * others none (seen on one live hub). The format, prefix + device id + "-" + generation id, is from Microsoft.
 */
export function deviceScopeOf(row: DeviceRow): string | undefined {
  return row.edge ? `${scopePrefix}${row.deviceId}-${ticksText(row.createdMicros)}` : row.parentScope;
}

/** `parentScopes`; undefined for a device without a parent, since the service then omits it. */
export const parentScopesOf = (row: DeviceRow): readonly string[] | undefined =>
  row.parentScope === undefined ? undefined : [row.parentScope];
