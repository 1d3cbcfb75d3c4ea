import type { Clock, Random } from '../clock.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { Documents, PartedTexts } from '../storage/documents.ts';
import { LeaseLostError } from '../storage/leases.ts';
import { OwnedDocument } from '../storage/ownedDocument.ts';
import { failuresPath, isLive, type Run, runPath } from './run.ts';

/** The run was ended from outside (cancelled, or given up by the watch); its document already says so. */
export class RunEndedError extends Error {
  constructor(run: Run) {
    super(`Run ${run.runId} of hub ${run.hub} is ${run.status}.`);
    this.name = 'RunEndedError';
  }
}

export interface OpenRunDeps {
  documents: Documents & PartedTexts;
  clock: Clock;
  random: Random;
  /** Asked before every write. */
  throwIfLeaseLost(): void;
}

/** How long the answer to "was it cancelled?" may be old. */
const checkFreshMs = 1_000;

/**
 * One run in the hands of the worker that holds its hub's lease: when it was checked and saved last, and the failures
 * that the next checkpoint must write down. Any other writer means that the run has ended or that the lease is lost.
 */
export class OpenRun {
  readonly run: Run;
  private readonly deps: OpenRunDeps;
  private readonly document: OwnedDocument<Run>;
  private checkedAtMs = Number.NEGATIVE_INFINITY;
  private savedAtMs: number;
  private unsavedFailures: DeviceModuleOutcome[] = [];
  private closed = false;
  private checking: Promise<void> | undefined;

  private constructor(document: OwnedDocument<Run>, deps: OpenRunDeps) {
    this.document = document;
    this.run = document.value;
    this.deps = deps;
    this.savedAtMs = deps.clock.now();
  }

  /** Undefined if there is no such document. */
  static async open(deps: OpenRunDeps, hub: string, runId: string): Promise<OpenRun | undefined> {
    const path = runPath(hub, runId);
    const stored = await deps.documents.read<Run>(path);
    if (!stored) return undefined;
    const onStale = (run: Run | undefined) => (run && !isLive(run) ? new RunEndedError(run) : new LeaseLostError(hub));
    const newWriteId = () => deps.random().toString(36).slice(2);
    // Runs that were stored before there were other changes hold creates without saying so.
    const { checkpoint } = stored.value;
    checkpoint.todo = checkpoint.todo.map((todo) => ({ ...todo, do: todo.do ?? 'create' }));
    return new OpenRun(new OwnedDocument(path, stored, { documents: deps.documents, newWriteId, onStale }), deps);
  }

  get sinceSavedMs(): number {
    return this.deps.clock.now() - this.savedAtMs;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Nothing is written any more; what is still under way must not, since the lease may be somebody else's by now. */
  close(): void {
    this.closed = true;
  }

  /** Notes a pair for the failures text; it is written with the next checkpoint. */
  addFailure(outcome: DeviceModuleOutcome): void {
    this.unsavedFailures.push(outcome);
  }

  /** Begins the failures text anew, as the counts are. */
  forgetFailures(): void {
    this.unsavedFailures = [];
    Object.assign(this.run.checkpoint, { failureParts: 0, failureBytes: 0 });
  }

  /**
   * Throws `RunEndedError` or `LeaseLostError` if somebody else wrote the run, and `RunEndedError` once it is closed; asks
   * the store at most once a second.
   */
  async throwIfEnded(): Promise<void> {
    if (this.closed) throw new RunEndedError(this.run);
    if (this.deps.clock.now() - this.checkedAtMs < checkFreshMs) return;
    // One look for all who ask: a hundred look-ups, one after the other, would outlast storage that says nothing.
    this.checking ??= this.check().finally(() => {
      this.checking = undefined;
    });
    await this.checking;
  }

  private async check(): Promise<void> {
    await this.document.check();
    this.checkedAtMs = this.deps.clock.now();
  }

  /** Writes counts, position and failures as they are now. Throws `RunEndedError` or `LeaseLostError`. */
  async save(): Promise<void> {
    await this.document.write(async () => {
      if (this.closed) throw new LeaseLostError(this.run.hub);
      this.deps.throwIfLeaseLost();
      await this.writeFailures();
      this.run.checkpointAt = new Date(this.deps.clock.now()).toISOString();
    });
    this.savedAtMs = this.deps.clock.now();
  }

  /** Before the document that counts them: a crash in between leaves a part that the next one replaces. */
  private async writeFailures(): Promise<void> {
    const failures = this.unsavedFailures;
    if (failures.length === 0) return;
    this.unsavedFailures = []; // others may be added while these are written
    const { hub, runId, checkpoint } = this.run;
    const lines = failures.map((failure) => `${JSON.stringify(failure)}\n`).join('');
    try {
      await this.deps.documents.writePart(failuresPath(hub, runId), checkpoint.failureParts + 1, lines);
    } catch (error) {
      this.unsavedFailures = [...failures, ...this.unsavedFailures];
      throw error;
    }
    checkpoint.failureParts += 1;
    checkpoint.failureBytes += Buffer.byteLength(lines);
  }
}
