import type { JsonObject } from '../wire/jsonObject.ts';
import { microsOf, timeText } from '../wire/timeText.ts';

type JobStatus = 'enqueued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** A requested job. The addresses may contain a SAS, so they go only to the storage client and to the creator. */
export interface JobRequest {
  type: 'export' | 'import';
  inputBlobContainerUri: string | undefined;
  outputBlobContainerUri: string;
  excludeKeysInExport: boolean;
  inputBlobName: string;
  outputBlobName: string;
  /** As sent. */
  storageAuthenticationType: string | undefined;
}

/** A job of the hub, past or present. */
export interface RegistryJob {
  readonly id: string;
  readonly request: JobRequest;
  readonly startedAtMs: number;
  endedAtMs: number | undefined;
  status: JobStatus;
  failureReason: string | undefined;
}

/** The hub's jobs, as the operations use them. */
export interface RegistryJobService {
  /** Newest first. */
  list(): RegistryJob[];
  /** Throws the hub's 404. */
  get(id: string): RegistryJob;
  /** Rejects with the hub's 403 while another job runs, with a 400 if a container cannot be used. */
  create(request: JobRequest): Promise<RegistryJob>;
  /** Throws the hub's 500 for a job that has ended or never existed. */
  cancel(id: string): RegistryJob;
}

export const hasEnded = (job: RegistryJob): boolean => job.endedAtMs !== undefined;

/**
 * From this API version on, a live hub did not return the containers' addresses in reads. Recordings with version
 * 2020-03-13 contain the address of the output container.
 */
const firstVersionWithoutAddresses = '2021-04-12';

/**
 * The JSON of a job, its members in the order of the recordings. The response to its creation (`isCreateResponse`) repeats
 * both addresses and `storageAuthenticationType` as sent (test_iothub_storage_int of azure-iot-cli-extension); at which
 * position `storageAuthenticationType` stands is unproven.
 */
export function jobJson(job: RegistryJob, apiVersion: string, isCreateResponse = false): JsonObject {
  const { request, endedAtMs, failureReason } = job;
  const { inputBlobContainerUri, outputBlobContainerUri, storageAuthenticationType } = request;
  const repeatsOutput = isCreateResponse || apiVersion < firstVersionWithoutAddresses;
  return {
    jobId: job.id,
    startTimeUtc: timeText(microsOf(job.startedAtMs)),
    ...(endedAtMs === undefined ? {} : { endTimeUtc: timeText(microsOf(endedAtMs)) }),
    type: request.type,
    status: job.status,
    progress: job.status === 'completed' ? 100 : 0,
    ...(isCreateResponse && inputBlobContainerUri !== undefined ? { inputBlobContainerUri } : {}),
    ...(repeatsOutput ? { outputBlobContainerUri } : {}),
    excludeKeysInExport: request.excludeKeysInExport,
    useSecondaryStorageAsSource: false,
    ...(isCreateResponse && storageAuthenticationType !== undefined ? { storageAuthenticationType } : {}),
    ...(failureReason === undefined ? {} : { failureReason }),
  };
}
