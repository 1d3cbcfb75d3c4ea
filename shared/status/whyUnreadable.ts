import { TimeLimitError } from '../abort.ts';
import { DamagedDocumentError } from '../storage/damagedDocument.ts';
import { adviceForStorage, isStorageOutage, storageStatus } from '../storage/storageStatus.ts';
import { transportFailure } from '../transportFailure.ts';

/** Why a part of the stored state could not be read, and what to do; never quotes an error of the SDK, whose message may contain values. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof DamagedDocumentError) return error.message;
  if (error instanceof TimeLimitError) return `${error.message} The storage is slow; try again later.`;
  const advice = adviceForStorage(error);
  if (advice !== undefined) return `The storage account refuses the app: HTTP ${storageStatus(error)}. ${advice}`;
  const code = storageStatus(error) ?? transportFailure(error)?.code;
  if (isStorageOutage(error)) return `The storage account cannot be reached: ${code}. Try again later.`;
  return 'An unexpected error; the log of this invocation has the details.';
}

/** Whether the error concerns the whole storage account, and not only one damaged document. */
export function concernsStorage(error: unknown): boolean {
  return error instanceof TimeLimitError || adviceForStorage(error) !== undefined || isStorageOutage(error);
}
