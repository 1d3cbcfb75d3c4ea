import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { isOver, type JobRequest, type RegistryJob, type RegistryJobService } from '../operations/registryJob.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { type BlobContainer, BlobContainerError, type OpenBlobContainer } from './blobContainer.ts';
import { exportLines } from './exportLines.ts';
import { importLines } from './importLines.ts';
import { blobContainerInvalid, cannotCancelJob, jobNotFound, jobQuotaExceeded } from './jobRefusals.ts';

export interface JobRules {
  /** How long a job stays `enqueued`. */
  jobEnqueuedMs: number;
  /** How long it is `running` at least. */
  jobRunningMs: number;
  /** How many places under the hub's cap an import leaves free. */
  importMarginIdentities: number;
}

interface Containers {
  input: BlobContainer;
  output: BlobContainer;
}

/** Where a hub writes the lines of an import that failed (Microsoft: "Import and export device identities in bulk"). */
const errorsBlobName = 'importErrors.log';

/** The import and export jobs of a hub: one at a time, the past ones kept as long as the hub lives. */
export class RegistryJobs implements RegistryJobService {
  private readonly store: IdentityStore;
  private readonly clock: Clock;
  private readonly rules: JobRules;
  private readonly open: OpenBlobContainer;
  private readonly onBug: (error: unknown) => void;
  private readonly jobs = new Map<string, RegistryJob>();
  private active: { job: RegistryJob; stop: AbortController; done: Promise<void> } | undefined;

  /** `onBug` hears of an error in a job that should not be. */
  constructor(
    store: IdentityStore,
    clock: Clock,
    rules: JobRules,
    open: OpenBlobContainer,
    onBug: (error: unknown) => void,
  ) {
    this.store = store;
    this.clock = clock;
    this.rules = rules;
    this.open = open;
    this.onBug = onBug;
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

  /** Starts a job. Rejects with the hub's 403 while another one runs, with a 400 if a container cannot be used. */
  async create(request: JobRequest): Promise<RegistryJob> {
    if (this.active) throw jobQuotaExceeded();
    const job: RegistryJob = {
      ...{ id: randomUUID(), request, startedAtMs: this.clock.now(), status: 'enqueued' },
      ...{ endedAtMs: undefined, failureReason: undefined },
    };
    // The place is taken before the containers are looked at, so that two requests at once do not both get it.
    const stop = new AbortController();
    const active = { job, stop, done: Promise.resolve() };
    this.active = active;
    try {
      const containers = await this.openContainers(request);
      this.jobs.set(job.id, job);
      const created = { ...job }; // the answer says `enqueued` however soon the job runs
      active.done = this.run(job, containers, stop.signal);
      return created;
    } catch (error) {
      this.active = undefined;
      throw error;
    }
  }

  /** Ends a job at once; what it did stays done. Throws the hub's 500 for one that is over or was never there. */
  cancel(id: string): RegistryJob {
    const { active } = this;
    if (active?.job.id !== id || isOver(active.job)) throw cannotCancelJob('There is no such job, or it is over');
    this.end(active.job, 'cancelled');
    this.active = undefined;
    active.stop.abort();
    return active.job;
  }

  /** Ends what runs. */
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
      const work = this.work(job.request, containers, signal);
      await Promise.all([work, this.clock.sleep(this.rules.jobRunningMs, signal)]);
      if (!isOver(job)) this.end(job, 'completed');
    } catch (error) {
      if (isOver(job)) return;
      const isOurs = error instanceof BlobContainerError;
      job.failureReason = isOurs ? error.message : 'An internal error occurred.';
      this.end(job, signal.aborted ? 'cancelled' : 'failed');
      if (!isOurs && !signal.aborted) this.onBug(error);
    } finally {
      if (this.active?.job === job) this.active = undefined; // a cancelled job made room before
    }
  }

  private async work(request: JobRequest, { input, output }: Containers, signal: AbortSignal): Promise<void> {
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
