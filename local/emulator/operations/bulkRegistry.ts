import { HubRefusal } from '../wire/hubRefusal.ts';
import { argumentInvalid, definedMultipleTimes, tooManyInOneCall } from '../wire/refusals.ts';
import { bulkAction } from './bulkAction.ts';
import { type BulkEntry, type ImportMode, readBulkEntry } from './bulkEntry.ts';
import type { HubCall, Operation } from './operation.ts';

/** Microsoft's swagger of the service API: at most 100 identities in a call. */
const maxIdentities = 100;

interface BulkError {
  deviceId: string;
  moduleId: string | null;
  errorCode: string;
  errorStatus: string;
  operation: ImportMode;
}

/** Each identity counts as one registry operation and succeeds or fails on its own. */
export const bulkRegistry: Operation = {
  name: 'bulk',
  throttle: 'registry',
  right: 'RegistryWrite',
  // From Microsoft's page on Entra ID; whether twin data requires more is unknown.
  dataActions: ['devices/write', 'devices/delete'],
  hasBody: true,
  cost: (body) => (Array.isArray(body) && body.length <= maxIdentities ? Math.max(1, body.length) : 1),
  run: (call) => {
    const entries = readEntries(call.body);
    const errors = entries.flatMap((entry) => attempt(call, entry));
    const body = { isSuccessful: errors.length === 0, errors, warnings: [] };
    if (errors.length === 0) return { status: 200, body };
    return { status: 400, headers: { 'iothub-errorcode': 'BulkRegistryOperationFailure' }, body };
  },
};

function readEntries(body: unknown): BulkEntry[] {
  if (!Array.isArray(body) || body.length === 0)
    throw argumentInvalid('The body must be an array of identities, not empty');
  if (body.length > maxIdentities) throw tooManyInOneCall(body.length);
  const entries = body.map((entry) => readBulkEntry(entry));
  const seen = new Set<string>();
  for (const { deviceId, moduleId } of entries) {
    const name = moduleId === undefined ? deviceId : `${deviceId}/${moduleId}`;
    if (seen.has(name)) throw definedMultipleTimes(name);
    seen.add(name);
  }
  return entries;
}

function attempt({ store, caller }: HubCall, entry: BulkEntry): BulkError[] {
  try {
    bulkAction(store, entry, caller.kind);
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
