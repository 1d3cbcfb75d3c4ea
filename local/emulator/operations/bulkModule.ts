import type { Caller } from '../auth/caller.ts';
import type { DeviceRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { deviceNotFound, moduleNotFound, modulesOutOfReach } from '../wire/refusals.ts';
import { mergeTwinData } from './bulkDevice.ts';
import type { BulkEntry } from './bulkEntry.ts';
import { requireIdentityEtag, requireTwinEtag } from './bulkEtags.ts';
import { requireModules } from './findIdentity.ts';
import { readModuleSpec, requireUserModule, requireUserModuleId } from './moduleOperations.ts';
import { readTwinChange } from './twinBody.ts';

/**
 * Does what a bulk entry asks of a module; throws a HubRefusal if it cannot be. What a hub says for a missing or
 * disabled device inside a bulk call is not known: here the first is DeviceNotFound, the second under SAS the 401 of single
 * calls.
 */
export function bulkModuleAction(
  store: IdentityStore,
  entry: BulkEntry,
  moduleId: string,
  callerKind: Caller['kind'],
): void {
  requireModules(store);
  const device = store.table.get(entry.deviceId);
  if (!device || !store.isReadable(device)) throw deviceNotFound(entry.deviceId);
  if (device.status === 'disabled' && callerKind === 'sas') throw modulesOutOfReach(entry.deviceId, 'disabled');
  const row = store.findModule(device, moduleId);
  if (entry.mode === 'create' || (entry.mode === 'createOrUpdate' && !row)) {
    createModule(store, device, moduleId, entry);
    return;
  }
  if (!row) throw moduleNotFound(entry.deviceId, moduleId);
  requireIdentityEtag(entry, row);
  switch (entry.mode) {
    case 'update':
    case 'updateIfMatchETag':
    case 'createOrUpdate':
      requireUserModule(moduleId);
      store.replaceModule(row, readModuleSpec(moduleId, entry.body));
      if (entry.mode === 'createOrUpdate') mergeTwinData(store, row, entry.body);
      return;
    case 'delete':
    case 'deleteIfMatchETag':
      requireUserModule(moduleId);
      store.deleteModule(row);
      return;
    case 'updateTwin':
    case 'updateTwinIfMatchETag':
      requireTwinEtag(entry, row);
      store.changeTwin(row, readTwinChange(entry.body, false));
  }
}

function createModule(store: IdentityStore, device: DeviceRow, moduleId: string, entry: BulkEntry): void {
  requireUserModuleId(moduleId);
  const { tags, desired } = readTwinChange(entry.body, false);
  store.createModule(device, {
    ...readModuleSpec(moduleId, entry.body),
    ...(tags ? { tags } : {}),
    ...(desired ? { desired } : {}),
    bornInBulk: true,
  });
}
