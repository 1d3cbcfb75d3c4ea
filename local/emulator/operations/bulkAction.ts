import type { Caller } from '../auth/caller.ts';
import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { twinEtag } from '../state/twinRecord.ts';
import { readOptionalString } from '../wire/bodyFields.ts';
import { matches, readBodyEtag } from '../wire/ifMatch.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { twinEtagMismatch } from '../wire/preconditions.ts';
import { deviceAlreadyExists, deviceNotFound, moduleNotFound, modulesUnavailable } from '../wire/refusals.ts';
import type { BulkEntry, ImportMode } from './bulkEntry.ts';
import { requireModules } from './findIdentity.ts';
import { readDeviceSpec, readModuleSpec } from './identityBody.ts';
import { requireIdentityEtag } from './identityPrecondition.ts';
import { requireUserModule, requireUserModuleId } from './moduleOperations.ts';
import { readTwinChange } from './twinBody.ts';

/** Carries out one entry of a bulk call or an import. Throws a `HubRefusal` if the hub refuses it. */
export function bulkAction(store: IdentityStore, entry: BulkEntry, callerKind: Caller['kind']): void {
  if (entry.moduleId === undefined) bulkDeviceAction(store, entry);
  else bulkModuleAction(store, entry, entry.moduleId, callerKind);
}

function bulkDeviceAction(store: IdentityStore, entry: BulkEntry): void {
  const row = store.table.get(entry.deviceId);
  if (entry.mode === 'create' || (mayCreate(entry.mode) && !row)) {
    if (row) throw deviceAlreadyExists(entry.deviceId);
    createDevice(store, entry);
    return;
  }
  if (!row) throw deviceNotFound(entry.deviceId);
  requireEtagOfEntry(entry, row);
  switch (entry.mode) {
    case 'update':
    case 'updateIfMatchETag':
    case 'createOrUpdate':
    case 'createOrUpdateIfMatchETag':
      store.replaceDevice(row, readDeviceSpec(entry.deviceId, entry.body));
      if (mayCreate(entry.mode)) mergeTwinData(store, row, entry.body);
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
    createdInBulk: true,
    announce: true,
  });
}

/**
 * Applies the twin data that an entry of a `createOrUpdate…` mode may contain for an existing identity (Microsoft:
 * "Import and export device identities in bulk", importMode). That it is merged is our interpretation.
 */
function mergeTwinData(store: IdentityStore, row: DeviceRow | ModuleRow, body: JsonObject): void {
  const change = readTwinChange(body, false);
  if (change.tags !== undefined || change.desired !== undefined) store.changeTwin(row, change);
}

/**
 * What a hub returns for a missing or disabled device inside a bulk call is unknown: here a missing one is
 * DeviceNotFound, a disabled one is the 401 of single calls under SAS.
 */
function bulkModuleAction(store: IdentityStore, entry: BulkEntry, moduleId: string, callerKind: Caller['kind']): void {
  requireModules(store);
  const device = store.table.get(entry.deviceId);
  if (!device || !store.isReadable(device)) throw deviceNotFound(entry.deviceId);
  if (device.status === 'disabled' && callerKind === 'sas') throw modulesUnavailable(entry.deviceId, 'disabled');
  const row = store.findModule(device, moduleId);
  if (entry.mode === 'create' || (mayCreate(entry.mode) && !row)) {
    createModule(store, device, moduleId, entry);
    return;
  }
  if (!row) throw moduleNotFound(entry.deviceId, moduleId);
  requireEtagOfEntry(entry, row);
  switch (entry.mode) {
    case 'update':
    case 'updateIfMatchETag':
    case 'createOrUpdate':
    case 'createOrUpdateIfMatchETag':
      requireUserModule(moduleId);
      store.replaceModule(row, readModuleSpec(moduleId, entry.body));
      if (mayCreate(entry.mode)) mergeTwinData(store, row, entry.body);
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
    createdInBulk: true,
  });
}

const mayCreate = (mode: ImportMode): boolean => mode === 'createOrUpdate' || mode === 'createOrUpdateIfMatchETag';

/**
 * Throws the hub's 412 in a mode `…IfMatchETag` if `eTag` of the entry is not the identity's etag. Without `eTag` these
 * modes are unconditional (recorded).
 */
function requireEtagOfEntry(entry: BulkEntry, row: DeviceRow | ModuleRow): void {
  switch (entry.mode) {
    case 'updateIfMatchETag':
    case 'createOrUpdateIfMatchETag':
    case 'deleteIfMatchETag':
      requireIdentityEtag(readBodyEtag(readOptionalString(entry.body.eTag ?? entry.body.etag, 'eTag')), row);
  }
}

/** Throws the hub's 412 in mode `updateTwinIfMatchETag` unless `twinETag` of the entry is the twin's etag. */
function requireTwinEtag(entry: BulkEntry, row: DeviceRow | ModuleRow): void {
  if (entry.mode !== 'updateTwinIfMatchETag') return;
  const wanted = readOptionalString(entry.body.twinETag, 'twinETag');
  const etag = twinEtag(row.twin?.revision ?? 1);
  if (!matches(readBodyEtag(wanted), etag)) throw twinEtagMismatch(entry.deviceId);
}
