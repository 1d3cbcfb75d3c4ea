import type { JsonObject } from '../wire/jsonObject.ts';
import { ticksText, timeText } from '../wire/timeText.ts';
import { deviceScopeOf, parentScopesOf } from './deviceScopes.ts';
import { keysOf } from './identityKeys.ts';
import type { Authentication, DeviceRow, ModuleRow } from './identityRow.ts';

const noThumbprints = { primaryThumbprint: null, secondaryThumbprint: null };

/** The etag of an identity: base64 of a decimal number. */
export const identityEtag = (row: DeviceRow | ModuleRow): string =>
  Buffer.from(String(row.etagNumber)).toString('base64');

/** The thumbprints of an identity; both are null if it has none. */
export const thumbprintsOf = (authentication: Authentication): object => authentication.thumbprints ?? noThumbprints;

/**
 * A device identity as the service writes it, keys included. The response to a create (`isCreateResponse`) differs: its
 * times have no time zone and it contains `parentScopes` (recorded by azure-sdk-for-net in 2020).
 */
export function deviceJson(row: DeviceRow, secret: Buffer, isCreateResponse = false): JsonObject {
  const zone = !isCreateResponse;
  const deviceScope = deviceScopeOf(row);
  const parentScopes = parentScopesOf(row) ?? (isCreateResponse ? [] : undefined);
  return {
    deviceId: row.deviceId,
    generationId: ticksText(row.createdMicros),
    etag: identityEtag(row),
    connectionState: row.deviceSide.connectionState,
    status: row.status,
    statusReason: row.statusReason,
    connectionStateUpdatedTime: timeText(row.deviceSide.connectionStateUpdatedMicros, zone),
    statusUpdatedTime: timeText(row.statusUpdatedMicros, zone),
    lastActivityTime: timeText(row.deviceSide.lastActivityMicros, zone),
    cloudToDeviceMessageCount: 0,
    authentication: authenticationJson(row, secret),
    capabilities: { iotEdge: row.edge },
    ...(deviceScope === undefined ? {} : { deviceScope }),
    ...(parentScopes === undefined ? {} : { parentScopes }),
  };
}

/** A module identity as the service writes it, keys included. */
export function moduleJson(row: ModuleRow, secret: Buffer, isCreateResponse = false): JsonObject {
  const zone = !isCreateResponse;
  return {
    moduleId: row.moduleId,
    managedBy: row.managedBy,
    deviceId: row.device.deviceId,
    generationId: ticksText(row.createdMicros),
    etag: identityEtag(row),
    connectionState: row.deviceSide.connectionState,
    connectionStateUpdatedTime: timeText(row.deviceSide.connectionStateUpdatedMicros, zone),
    lastActivityTime: timeText(row.deviceSide.lastActivityMicros, zone),
    cloudToDeviceMessageCount: 0,
    authentication: authenticationJson(row, secret),
  };
}

function authenticationJson(row: DeviceRow | ModuleRow, secret: Buffer): JsonObject {
  const { authentication } = row;
  const symmetricKey = authentication.type === 'sas' ? keysOf(row, secret) : { primaryKey: null, secondaryKey: null };
  return { symmetricKey, x509Thumbprint: thumbprintsOf(authentication), type: authentication.type };
}
