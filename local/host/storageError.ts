import { RestError } from '@azure/storage-queue';

/** Code and status of a storage error, for a log. The error itself contains the request with its signature. */
export function describeStorageError(error: unknown): string {
  if (error instanceof RestError) return `${error.code ?? 'storage error'} (${error.statusCode ?? 'no response'})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Whether storage returned one of these codes, such as `QueueNotFound`. */
export function hasStorageCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof RestError && error.code !== undefined && codes.includes(error.code);
}

/** Whether storage returned 404. Checks the status, since the 404 of a download has no code. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}
