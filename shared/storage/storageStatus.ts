import { transportFailure } from '../transportFailure.ts';

/** Returns the HTTP status of a storage SDK error; undefined for any other error, such as a broken connection. */
export function storageStatus(error: unknown): number | undefined {
  const { name, statusCode } = (error ?? {}) as { name?: unknown; statusCode?: unknown };
  // An error of the identity SDK may have the status of the identity endpoint.
  return typeof statusCode === 'number' && name !== 'AuthenticationError' ? statusCode : undefined;
}

/** Whether the error is an outage of storage, not a failure of one call: no response, no token yet, 408, 429 or 5xx. */
export function isStorageOutage(error: unknown): boolean {
  const status = storageStatus(error);
  if (status !== undefined) return status === 408 || status === 429 || status >= 500;
  return transportFailure(error)?.mayPass === true;
}
