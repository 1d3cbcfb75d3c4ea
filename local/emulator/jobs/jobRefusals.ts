import { HubRefusal } from '../wire/hubRefusal.ts';

/** Text and format as seen on one live hub. */
export const jobQuotaExceeded = (): HubRefusal =>
  new HubRefusal({
    status: 403,
    code: 403003,
    codeName: 'JobQuotaExceeded',
    message: 'Job quota has been exceeded',
    shape: 'job',
  });

/** Seen on live hubs for an invalid SAS and for a missing role; the text for an input container is a guess. */
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

/** Status and name as seen on one live hub; the text is ours. */
export const jobNotFound = (id: string): HubRefusal =>
  new HubRefusal({ status: 404, code: 404002, codeName: 'JobNotFound', message: `Job ${id} not found.` });

/** One live hub returned 500 for cancelling a job that had ended or never existed. */
export const cannotCancelJob = (hint: string): HubRefusal =>
  new HubRefusal({ status: 500, code: 500001, codeName: 'ServerError', message: 'An internal error occurred.', hint });
