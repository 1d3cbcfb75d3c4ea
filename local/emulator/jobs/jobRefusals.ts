import { HubRefusal } from '../wire/hubRefusal.ts';

/** Words and shape as seen on one live hub. */
export const jobQuotaExceeded = (): HubRefusal =>
  new HubRefusal({
    status: 403,
    code: 403003,
    codeName: 'JobQuotaExceeded',
    message: 'Job quota has been exceeded',
    shape: 'job',
  });

/** Seen on live hubs for a bad SAS as for a role that is not there yet; the words for an input container are a guess. */
export const blobContainerInvalid = (container: 'input' | 'output', hint: string): HubRefusal =>
  new HubRefusal({
    status: 400,
    code: 400008,
    codeName: 'BlobContainerValidationError',
    message:
      container === 'output'
        ? 'Unauthorized to write to output blob container.'
        : 'Unauthorized to read from input blob container.',
    shape: 'job',
    hint,
  });

/** Status and name as seen on one live hub; the words are ours. */
export const jobNotFound = (id: string): HubRefusal =>
  new HubRefusal({ status: 404, code: 404002, codeName: 'JobNotFound', message: `Job ${id} not found.` });

/** One live hub said 500 to the cancelling of a job that was over or had never been. */
export const cannotCancelJob = (hint: string): HubRefusal =>
  new HubRefusal({ status: 500, code: 500001, codeName: 'ServerError', message: 'An internal error occurred.', hint });
