import { RestError } from '@azure/storage-queue';

/**
 * A storage failure in words fit for a log: code and status. The error itself holds its request, with the signature
 * made from the account's key.
 */
export function describeStorageError(error: unknown): string {
  if (error instanceof RestError) return `${error.code ?? 'storage error'} (${error.statusCode ?? 'no answer'})`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Whether storage answered with one of these codes, such as `QueueNotFound`. */
export function hasStorageCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof RestError && error.code !== undefined && codes.includes(error.code);
}

/** Whether storage answered that the thing does not exist; a download's 404 carries no code. */
export function isNotFound(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}
