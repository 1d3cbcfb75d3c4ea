import type { Clock } from '../clock.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { type Documents, type PartedTexts, StaleDocumentError, type StoredDocument } from '../storage/documents.ts';
import { LeaseLostError } from '../storage/leases.ts';
import { failuresPath, isLive, type Run, runPath } from './run.ts';

/** The run was ended from outside (cancelled, or given up by the watch); its document already says so. */
export class RunEndedError extends Error {
  constructor(run: Run) {
    super(`Run ${run.runId} of hub ${run.hub} is ${run.status}.`);
    this.name = 'RunEndedError';
  }
}

export interface RunRecordDeps {
  documents: Documents & PartedTexts;
  clock: Clock;
  /** Asked before every write. */
  throwIfLeaseLost(): void;
}

/** How long the answer to "was it cancelled?" may be old. */
const etagFreshMs = 1_000;

/**
 * One run's document in the hands of the worker that holds its hub's lease. All writes go through here, one after the
 * other, each on top of the last; any other writer means that the run has ended or that the lease is lost.
 */
export class RunRecord {
  readonly run: Run;
  private readonly documents: Documents & PartedTexts;
  private readonly clock: Clock;
  private readonly throwIfLeaseLost: () => void;
  private etag: string;
  private etagSeenAtMs = Number.NEGATIVE_INFINITY;
  private savedAtMs: number;
  private unsavedFailures: DeviceModuleOutcome[] = [];
  private writing: Promise<void> = Promise.resolve();

  private constructor({ value, etag }: StoredDocument<Run>, deps: RunRecordDeps) {
    this.run = value;
    this.etag = etag;
    this.documents = deps.documents;
    this.clock = deps.clock;
    this.throwIfLeaseLost = deps.throwIfLeaseLost;
    this.savedAtMs = deps.clock.now();
  }

  /** Undefined if there is no such document. */
  static async open(deps: RunRecordDeps, hub: string, runId: string): Promise<RunRecord | undefined> {
    const stored = await deps.documents.read<Run>(runPath(hub, runId));
    return stored && new RunRecord(stored, deps);
  }

  get sinceSavedMs(): number {
    return this.clock.now() - this.savedAtMs;
  }

  /** Notes a pair for the failures text; it is written with the next checkpoint. */
  addFailure(outcome: DeviceModuleOutcome): void {
    this.unsavedFailures.push(outcome);
  }

  /** Throws `RunEndedError` if the run was ended from outside. Asks the store at most once a second. */
  async throwIfEnded(): Promise<void> {
    const now = this.clock.now();
    if (now - this.etagSeenAtMs < etagFreshMs) return;
    await this.writing;
    if ((await this.documents.readEtag(runPath(this.run.hub, this.run.runId))) !== this.etag)
      await this.throwWhyStale();
    this.etagSeenAtMs = now;
  }

  /** Writes counts, position and failures as they are now. Throws `RunEndedError` or `LeaseLostError`. */
  save(): Promise<void> {
    const saved = this.writing.then(() => this.write());
    // The next write must wait for this one, but not fail for it: its error goes to who asked for it.
    this.writing = saved.then(
      () => undefined,
      () => undefined,
    );
    return saved;
  }

  private async write(): Promise<void> {
    this.throwIfLeaseLost();
    const { run } = this;
    const { hub, runId } = run;
    if (this.unsavedFailures.length > 0) {
      const lines = this.unsavedFailures.map((failure) => `${JSON.stringify(failure)}\n`).join('');
      const part = run.checkpoint.failureParts + 1;
      // Before the document that counts them: a crash in between leaves a part that the next one replaces.
      await this.documents.writePart(failuresPath(hub, runId), part, lines);
      run.checkpoint.failureParts = part;
      this.unsavedFailures = [];
    }
    run.checkpointAt = new Date(this.clock.now()).toISOString();
    try {
      this.etag = await this.documents.write(runPath(hub, runId), run, this.etag);
    } catch (error) {
      if (error instanceof StaleDocumentError) await this.throwWhyStale();
      throw error;
    }
    this.savedAtMs = this.clock.now();
  }

  private async throwWhyStale(): Promise<never> {
    const { hub, runId } = this.run;
    const stored = await this.documents.read<Run>(runPath(hub, runId));
    if (stored && !isLive(stored.value)) throw new RunEndedError(stored.value);
    throw new LeaseLostError(hub);
  }
}
