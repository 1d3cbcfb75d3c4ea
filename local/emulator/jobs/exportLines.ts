import { deviceScopeOf, parentScopesOf } from '../state/deviceScopes.ts';
import { identityEtag, thumbprintsOf } from '../state/identityJson.ts';
import { keysOf } from '../state/identityKeys.ts';
import { DeviceRow, type ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { twinOf } from '../state/twinJson.ts';
import { twinEtag } from '../state/twinRecord.ts';

/** If keys are excluded, a live hub writes a warning before the first line. Its text is unknown; this one is ours. */
const warningWithoutKeys =
  'Warning: this export contains no keys. Importing it gives new keys to the identities that have symmetric keys.';

/**
 * The lines of an export, each with its line break: every device, followed by its modules. Members and their order are
 * those of exports that users published (azure-iot-sdk-csharp issue 1146, azure-iot-sdk-java issue 1177): no
 * `$metadata`, no `managedBy`.
 */
export function* exportLines(store: IdentityStore, excludeKeys: boolean): Generator<string> {
  if (excludeKeys) yield `${warningWithoutKeys}\n`;
  for (const device of store.table.values()) {
    yield `${JSON.stringify(deviceLine(device, store.secret, excludeKeys))}\n`;
    for (const module of device.modules) {
      yield `${JSON.stringify(moduleLine(module, store.secret, excludeKeys))}\n`;
    }
  }
}

function deviceLine(row: DeviceRow, secret: Buffer, excludeKeys: boolean): object {
  return {
    id: row.deviceId,
    eTag: identityEtag(row),
    status: row.status,
    statusReason: row.statusReason ?? '',
    ...commonMembers(row, secret, excludeKeys),
    deviceScope: deviceScopeOf(row),
    parentScopes: parentScopesOf(row),
  };
}

function moduleLine(row: ModuleRow, secret: Buffer, excludeKeys: boolean): object {
  return {
    id: row.device.deviceId,
    moduleId: row.moduleId,
    eTag: identityEtag(row),
    status: 'enabled',
    ...commonMembers(row, secret, excludeKeys),
  };
}

function commonMembers(row: DeviceRow | ModuleRow, secret: Buffer, excludeKeys: boolean): object {
  const twin = twinOf(row);
  return {
    authentication: authenticationOf(row, secret, excludeKeys),
    twinETag: twinEtag(twin.revision),
    tags: twin.tags ?? {},
    properties: { desired: twin.desired.values, reported: {} },
    capabilities: { iotEdge: row instanceof DeviceRow && row.edge },
  };
}

/** An export without keys had null here for SAS. That such an export keeps certificates and thumbprints is our choice. */
function authenticationOf(row: DeviceRow | ModuleRow, secret: Buffer, excludeKeys: boolean): object | null {
  const { type } = row.authentication;
  if (type === 'none' || (type === 'sas' && excludeKeys)) return null;
  const symmetricKey = type === 'sas' ? keysOf(row, secret) : { primaryKey: null, secondaryKey: null };
  return { symmetricKey, x509Thumbprint: thumbprintsOf(row.authentication), type };
}
