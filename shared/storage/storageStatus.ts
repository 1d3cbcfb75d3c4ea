import { errorFields } from '../telemetry/log.ts';
import type { LogFields } from '../telemetry/records.ts';
import { transportFailure } from '../transportFailure.ts';
import { DamagedDocumentError } from './damagedDocument.ts';

/** Returns the HTTP status of a storage SDK error; undefined for any other error, such as a broken connection. */
export function storageStatus(error: unknown): number | undefined {
  const { name, statusCode } = (error ?? {}) as { name?: unknown; statusCode?: unknown };
  // An error of the identity SDK may have the status of the identity endpoint.
  return typeof statusCode === 'number' && name !== 'AuthenticationError' ? statusCode : undefined;
}

/** Returns the storage service's name of the error, such as `LeaseAlreadyPresent`; undefined for any other error. */
export function storageCode(error: unknown): string | undefined {
  const { code, details } = (error ?? {}) as { code?: unknown; details?: { errorCode?: unknown } };
  // The response to a HEAD request has no body, so its code is only in a header.
  return storageStatus(error) === undefined
    ? undefined
    : [code, details?.errorCode].find((one) => typeof one === 'string');
}

/** A container or a queue cannot be created again for at least 30 s after it was deleted (Microsoft, "Delete Container"). */
const passingConflicts = ['ContainerBeingDeleted', 'QueueBeingDeleted'];

/**
 * Whether the error is an outage of storage, not a failure of one call: no response, no token yet, 408, 429, 5xx, or a container
 * or queue that is being deleted.
 */
export function isStorageOutage(error: unknown): boolean {
  const status = storageStatus(error);
  if (passingConflicts.some((code) => code === storageCode(error))) return true;
  if (status !== undefined) return status === 408 || status === 429 || status >= 500;
  return transportFailure(error)?.mayPass === true;
}

/** A 403 may mean a wrong key, a missing role or a network rule (Microsoft's lists of storage error codes). */
const refusalAdvice =
  "Check the roles of the app's identity on this account (infra/README.md), the key in the settings if they have one, and the network rules of the account.";

/**
 * What to check if `error` is a refusal of the whole app by its own storage account (401 or 403); undefined for any other error.
 * Waiting does not help, unless a role was assigned some minutes ago.
 */
export function adviceForStorage(error: unknown): string | undefined {
  const status = storageStatus(error);
  return status === 401 || status === 403 ? refusalAdvice : undefined;
}

/**
 * What may be logged of an error of a storage call: its `errorFields`, and what to do if storage refuses the app or a document is
 * damaged.
 */
export function storageErrorFields(error: unknown): LogFields {
  const advice = error instanceof DamagedDocumentError ? error.message : adviceForStorage(error);
  return { ...errorFields(error), ...(advice === undefined ? {} : { advice }) };
}
