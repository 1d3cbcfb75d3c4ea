import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { hasEnded, type JobRequest, type RegistryJob, type RegistryJobService } from '../operations/registryJob.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { type BlobContainer, BlobContainerError, type OpenBlobContainer } from './blobContainer.ts';
import { exportLines } from './exportLines.ts';
import { importLines } from './importLines.ts';
import { blobContainerInvalid, cannotCancelJob, jobNotFound, jobQuotaExceeded } from './jobRefusals.ts';

/** How long jobs take, and what imports leave free. */
export interface JobRules {
  /** How long a job stays `enqueued`. */
  jobEnqueuedMs: number;
  /** Minimum time in `running`. */
  jobRunningMs: number;
  /** Capacity below the hub's limit that an import leaves free. */
  importMarginIdentities: number;
}

interface Containers {
  input: BlobContainer;
  output: BlobContainer;
}

/** The blob for failed lines of an import (Microsoft: "Import and export device identities in bulk"). */
const errorsBlobName = 'importErrors.log';

/** The import and export jobs of a hub. One runs at a time; past jobs stay listed until the emulator ends. */
export class RegistryJobs implements RegistryJobService {
  private readonly store: IdentityStore;
  private readonly clock: Clock;
  private readonly rules: JobRules;
  private readonly open: OpenBlobContainer;
  private readonly onUnexpectedError: (error: unknown) => void;
  private readonly jobs = new Map<string, RegistryJob>();
  private active: { job: RegistryJob; stop: AbortController; done: Promise<void> } | undefined;

  /** `onUnexpectedError` receives errors in a job that are bugs of the emulator. */
  constructor(
    store: IdentityStore,
    clock: Clock,
    rules: JobRules,
    open: OpenBlobContainer,
    onUnexpectedError: (error: unknown) => void,
  ) {
    this.store = store;
    this.clock = clock;
    this.rules = rules;
    this.open = open;
    this.onUnexpectedError = onUnexpectedError;
  }

  /** Newest first. */
  list(): RegistryJob[] {
    return [...this.jobs.values()].reverse();
  }

  /** Throws the hub's 404. */
  get(id: string): RegistryJob {
    const job = this.jobs.get(id);
    if (!job) throw jobNotFound(id);
    return job;
  }

  /** Starts a job. Rejects with the hub's 403 while another job runs, with a 400 if a container cannot be used. */
  async create(request: JobRequest): Promise<RegistryJob> {
    if (this.active) throw jobQuotaExceeded();
    const job: RegistryJob = {
      ...{ id: randomUUID(), request, startedAtMs: this.clock.now(), status: 'enqueued' },
      ...{ endedAtMs: undefined, failureReason: undefined },
    };
    // Set before the containers are checked, so that of two concurrent requests only one starts a job.
    const stop = new AbortController();
    const active = { job, stop, done: Promise.resolve() };
    this.active = active;
    try {
      const containers = await this.openContainers(request);
      this.jobs.set(job.id, job);
      const created = { ...job }; // a snapshot: the response says `enqueued` even if the job runs at once
      active.done = this.run(job, containers, stop.signal);
      return created;
    } catch (error) {
      this.active = undefined;
      throw error;
    }
  }

  /** Ends a job at once; its changes remain. Throws the hub's 500 for a job that has ended or never existed. */
  cancel(id: string): RegistryJob {
    const { active } = this;
    if (active?.job.id !== id || hasEnded(active.job)) throw cannotCancelJob('There is no such job, or it has ended');
    this.end(active.job, 'cancelled');
    this.active = undefined;
    active.stop.abort();
    return active.job;
  }

  /** Ends the running job and waits for it. */
  async close(): Promise<void> {
    this.active?.stop.abort();
    await this.active?.done;
  }

  private async openContainers(request: JobRequest): Promise<Containers> {
    const { type, inputBlobContainerUri, outputBlobContainerUri, inputBlobName, outputBlobName } = request;
    const writtenBlob = type === 'export' ? outputBlobName : errorsBlobName;
    const output = await this.openContainer('output', outputBlobContainerUri, 'rwd', writtenBlob);
    if (inputBlobContainerUri === undefined) return { input: output, output };
    return { input: await this.openContainer('input', inputBlobContainerUri, 'r', inputBlobName), output };
  }

  private async openContainer(
    which: 'input' | 'output',
    uri: string,
    permissions: string,
    blobName: string,
  ): Promise<BlobContainer> {
    try {
      const container = await this.open(uri);
      await container.require(permissions, blobName);
      return container;
    } catch (error) {
      throw error instanceof BlobContainerError ? blobContainerInvalid(which, error.message) : error;
    }
  }

  /** Never rejects. */
  private async run(job: RegistryJob, containers: Containers, signal: AbortSignal): Promise<void> {
    try {
      await this.clock.sleep(this.rules.jobEnqueuedMs, signal);
      job.status = 'running';
      const transfer = this.transfer(job.request, containers, signal);
      await Promise.all([transfer, this.clock.sleep(this.rules.jobRunningMs, signal)]);
      if (!hasEnded(job)) this.end(job, 'completed');
    } catch (error) {
      if (hasEnded(job)) return;
      const isOurs = error instanceof BlobContainerError;
      job.failureReason = isOurs ? error.message : 'An internal error occurred.';
      this.end(job, signal.aborted ? 'cancelled' : 'failed');
      if (!isOurs && !signal.aborted) this.onUnexpectedError(error);
    } finally {
      if (this.active?.job === job) this.active = undefined; // `cancel` may have cleared it already
    }
  }

  private async transfer(request: JobRequest, { input, output }: Containers, signal: AbortSignal): Promise<void> {
    const { store, rules } = this;
    if (request.type === 'export') {
      return output.write(request.outputBlobName, exportLines(store, request.excludeKeysInExport), signal);
    }
    const pieces = await input.read(request.inputBlobName, signal);
    return output.write(errorsBlobName, importLines(store, pieces, rules.importMarginIdentities), signal);
  }

  private end(job: RegistryJob, status: RegistryJob['status']): void {
    job.status = status;
    job.endedAtMs = this.clock.now();
  }
}
