import { deviceAlreadyExists, deviceNotFound } from '../hubRefusals.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { readTwinChange } from '../twinBody.ts';
import { requireIdentityEtag, requireTwinEtag } from './bulkEtags.ts';
import type { BulkEntry } from './bulkRegistry.ts';
import { readDeviceSpec } from './deviceOperations.ts';

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
