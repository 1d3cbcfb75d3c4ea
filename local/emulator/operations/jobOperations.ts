import { readOptionalString, requireObject } from '../wire/bodyFields.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid } from '../wire/refusals.ts';
import type { HubCall, Operation } from './operation.ts';
import { type JobRequest, jobJson, type RegistryJob } from './registryJob.ts';

const devicesBlobName = 'devices.txt';

/** The rights that jobs require under SAS are not documented; these are those of the registry. */
export const createJob: Operation = {
  name: 'createJob',
  throttle: 'jobs',
  right: 'RegistryWrite',
  dataActions: ['jobs/write'],
  hasBody: true,
  run: async (call) => {
    const job = await call.jobs.create(readJobRequest(requireObject(call.body, 'The body')));
    return { status: 200, body: jobBody(call, job, true) };
  },
};

export const listJobs: Operation = {
  name: 'listJobs',
  throttle: 'jobs',
  right: 'RegistryRead',
  dataActions: ['jobs/read'],
  hasBody: false,
  run: (call) => ({ status: 200, body: call.jobs.list().map((job) => jobBody(call, job)) }),
};

export const getJob: Operation = {
  name: 'getJob',
  throttle: 'jobs',
  right: 'RegistryRead',
  dataActions: ['jobs/read'],
  hasBody: false,
  run: (call) => ({ status: 200, body: jobBody(call, call.jobs.get(call.jobId)) }),
};

/** The swagger says only that the response is an object; here it is the job. */
export const cancelJob: Operation = {
  name: 'cancelJob',
  throttle: 'jobs',
  right: 'RegistryWrite',
  dataActions: ['jobs/delete'],
  hasBody: false,
  run: (call) => ({ status: 200, body: jobBody(call, call.jobs.cancel(call.jobId)) }),
};

const jobBody = (call: HubCall, job: RegistryJob, isCreateResponse = false): JsonObject =>
  jobJson(job, call.search.get('api-version') ?? '', isCreateResponse);

function readJobRequest(body: JsonObject): JobRequest {
  const { type, excludeKeysInExport } = body;
  if (type !== 'export' && type !== 'import') throw argumentInvalid('type must be export or import');
  if (body.includeConfigurations === true) throw argumentInvalid('This emulator does not support configurations');
  if (typeof (excludeKeysInExport ?? false) !== 'boolean')
    throw argumentInvalid('excludeKeysInExport must be a boolean');
  const authentication = readOptionalString(body.storageAuthenticationType, 'storageAuthenticationType') ?? undefined;
  if (authentication?.toLowerCase() === 'identitybased') {
    throw argumentInvalid('This emulator has no identity for blob storage; use keyBased and an address with a SAS');
  }
  return {
    type,
    inputBlobContainerUri: type === 'import' ? readText(body, 'inputBlobContainerUri') : undefined,
    outputBlobContainerUri: readText(body, 'outputBlobContainerUri'),
    excludeKeysInExport: type === 'export' && excludeKeysInExport === true,
    inputBlobName: readText(body, 'inputBlobName', devicesBlobName),
    outputBlobName: readText(body, 'outputBlobName', devicesBlobName),
    storageAuthenticationType: authentication,
  };
}

function readText(body: JsonObject, field: string, whenMissing?: string): string {
  const text = readOptionalString(body[field], field) ?? '';
  if (text !== '') return text;
  if (whenMissing === undefined) throw argumentInvalid(`${field} is missing`);
  return whenMissing;
}
