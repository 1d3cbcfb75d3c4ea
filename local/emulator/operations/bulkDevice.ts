import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import type { JsonObject } from '../state/twinRecord.ts';
import { deviceAlreadyExists, deviceNotFound } from '../wire/refusals.ts';
import type { BulkEntry } from './bulkEntry.ts';
import { requireIdentityEtag, requireTwinEtag } from './bulkEtags.ts';
import { readDeviceSpec } from './deviceOperations.ts';
import { readTwinChange } from './twinBody.ts';

/** Does what a bulk entry asks of a device; throws a HubRefusal if it cannot be. */
export function bulkDeviceAction(store: IdentityStore, entry: BulkEntry): void {
  const row = store.table.get(entry.deviceId);
  if (entry.mode === 'create' || (entry.mode === 'createOrUpdate' && !row)) {
    if (row) throw deviceAlreadyExists(entry.deviceId);
    createDevice(store, entry);
    return;
  }
  if (!row) throw deviceNotFound(entry.deviceId);
  requireIdentityEtag(entry, row);
  switch (entry.mode) {
    case 'update':
    case 'updateIfMatchETag':
    case 'createOrUpdate':
      store.replaceDevice(row, readDeviceSpec(entry.deviceId, entry.body));
      if (entry.mode === 'createOrUpdate') mergeTwinData(store, row, entry.body);
      return;
    case 'delete':
    case 'deleteIfMatchETag':
      store.deleteDevice(row);
      return;
    case 'updateTwin':
    case 'updateTwinIfMatchETag':
      requireTwinEtag(entry, row);
      store.changeTwin(row, readTwinChange(entry.body, false));
  }
}

function createDevice(store: IdentityStore, entry: BulkEntry): void {
  const { tags, desired } = readTwinChange(entry.body, false);
  store.createDevice({
    ...readDeviceSpec(entry.deviceId, entry.body),
    ...(tags ? { tags } : {}),
    ...(desired ? { desired } : {}),
    bornInBulk: true,
    announce: true,
  });
}

/**
 * The twin data that an entry of mode `createOrUpdate` may carry for an identity that is there (Microsoft: "Import and
 * export device identities in bulk", importMode); that it merges is our reading.
 */
export function mergeTwinData(store: IdentityStore, row: DeviceRow | ModuleRow, body: JsonObject): void {
  const change = readTwinChange(body, false);
  if (change.tags || change.desired) store.changeTwin(row, change);
}
