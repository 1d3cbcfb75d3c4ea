import { storageCode, storageStatus } from './storageStatus.ts';

/**
 * Why a call to a blob was refused with 409 or 412. `lease`: the state of its lease does not allow the call. `changed`: the blob
 * exists although it should be new, or its etag is another one. Undefined for any other error and every other code, such as
 * `BlobImmutableDueToPolicy`, which says nothing about another writer. Source: Microsoft, "Azure Blob Storage error codes".
 */
export function blobConflict(error: unknown): 'lease' | 'changed' | undefined {
  if (![409, 412].includes(storageStatus(error) ?? 0)) return undefined;
  const code = storageCode(error);
  if (code?.startsWith('Lease')) return 'lease';
  return code === 'BlobAlreadyExists' || code === 'ConditionNotMet' ? 'changed' : undefined;
}
