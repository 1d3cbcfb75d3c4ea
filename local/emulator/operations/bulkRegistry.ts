import { HubRefusal } from '../hubAnswers.ts';
import type { Operation } from '../hubCall.ts';
import { argumentInvalid, definedMultipleTimes, tooManyInOneCall } from '../hubRefusals.ts';
import { requireId, requireObject } from '../identityBody.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import type { JsonObject } from '../state/twinRecord.ts';
import { bulkDeviceAction } from './bulkDevice.ts';
import { bulkModuleAction } from './bulkModule.ts';

/** Microsoft's swagger of the service API: at most 100 identities a call. */
const maxIdentities = 100;

/** The swagger's modes, and `createOrUpdate`, the default of import jobs. The Node SDK capitalises some. */
export const importModes = [
  'create',
  'update',
  'updateIfMatchETag',
  'createOrUpdate',
  'delete',
  'deleteIfMatchETag',
  'updateTwin',
  'updateTwinIfMatchETag',
] as const;
export type ImportMode = (typeof importModes)[number];

/** One identity of a bulk call. */
export interface BulkEntry {
  deviceId: string;
  /** Undefined for a device. */
  moduleId: string | undefined;
  mode: ImportMode;
  body: JsonObject;
}

interface BulkError {
  deviceId: string;
  moduleId: string | null;
  errorCode: string;
  errorStatus: string;
  operation: ImportMode;
}

/** Each identity counts as one registry operation, and each succeeds or fails for itself. */
export const bulkRegistry: Operation = {
  name: 'bulk',
  throttle: 'registry',
  right: 'RegistryWrite',
  hasBody: true,
  cost: (body) => (Array.isArray(body) && body.length <= maxIdentities ? Math.max(1, body.length) : 1),
  run: (call) => {
    const entries = readEntries(call.body);
    const errors = entries.flatMap((entry) => attempt(call.store, entry));
    const body = { isSuccessful: errors.length === 0, errors, warnings: [] };
    if (errors.length === 0) return { status: 200, body };
    return { status: 400, headers: { 'iothub-errorcode': 'BulkRegistryOperationFailure' }, body };
  },
};

function readEntries(body: unknown): BulkEntry[] {
  if (!Array.isArray(body) || body.length === 0)
    throw argumentInvalid('The body must be an array of identities, not empty');
  if (body.length > maxIdentities) throw tooManyInOneCall(body.length);
  const entries = body.map(readEntry);
  const seen = new Set<string>();
  for (const { deviceId, moduleId } of entries) {
    const name = moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`;
    if (seen.has(name)) throw definedMultipleTimes(name);
    seen.add(name);
  }
  return entries;
}

function readEntry(value: unknown): BulkEntry {
  const body = requireObject(value, 'Each identity');
  const hasModule = body.moduleId !== undefined && body.moduleId !== null && body.moduleId !== '';
  const wanted = typeof body.importMode === 'string' ? body.importMode.toLowerCase() : '';
  const mode = importModes.find((known) => known.toLowerCase() === wanted);
  if (!mode) throw argumentInvalid(`importMode must be one of ${importModes.join(', ')}; there is no known default`);
  return {
    deviceId: requireId(body.id, 'id'),
    moduleId: hasModule ? requireId(body.moduleId, 'moduleId') : undefined,
    mode,
    body,
  };
}

function attempt(store: IdentityStore, entry: BulkEntry): BulkError[] {
  try {
    if (entry.moduleId === undefined) bulkDeviceAction(store, entry);
    else bulkModuleAction(store, entry, entry.moduleId);
    return [];
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error;
    return [
      {
        deviceId: entry.deviceId,
        moduleId: entry.moduleId ?? null,
        errorCode: error.codeName,
        errorStatus: error.message,
        operation: entry.mode,
      },
    ];
  }
}
