import type { Clock, Random } from '../clock.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { Documents, PartedTexts } from '../storage/documents.ts';
import { LeaseLostError } from '../storage/leases.ts';
import { OwnedDocument } from '../storage/ownedDocument.ts';
import { countCause } from './causes.ts';
import { failuresPath, firstBytes } from './failures.ts';
import { writeRemoved } from './removedModules.ts';
import { isLive, type Run, runPath } from './run.ts';
import { readStoredRun, storedRun } from './runDocument.ts';

/** The run has ended: cancelled or stopped by the watch, as its document already says, or closed by its worker. */
export class RunEndedError extends Error {
  constructor(run: Run) {
    super(`Run ${run.runId} of hub ${run.hub} is ${run.status}.`);
    this.name = 'RunEndedError';
  }
}

/** What an `OpenRun` needs. */
export interface OpenRunDeps {
  documents: Documents & PartedTexts;
  clock: Clock;
  random: Random;
  /** Called before every write. */
  throwIfLeaseLost(): void;
}

/**
 * A part of the failures grows to this size before the next one begins: a write of a page's failures stays small, and a hundred
 * thousand failures are some 200 blobs.
 */
const fullPartBytes = 64 * 1024;

/** A check whether the run was cancelled remains valid this long. */
const checkValidMs = 1_000;

/**
 * A run as its hub's worker holds it: the run, the time of its last check and save, and the failures that the next checkpoint
 * must write. If anybody else wrote the run's document, the run has ended or the lease is lost.
 */
export class OpenRun {
  readonly run: Run;
  private readonly deps: OpenRunDeps;
  private readonly document: OwnedDocument<Run>;
  private checkedAtMs = Number.NEGATIVE_INFINITY;
  private savedAtMs: number;
  private unsavedFailures: DeviceModuleOutcome[] = [];
  /** The failures of the last part, as far as they are known here. */
  private lastPart: string | undefined;
  private closed = false;
  private checking: Promise<void> | undefined;
  private keeping: Promise<void> = Promise.resolve();

  private constructor(document: OwnedDocument<Run>, deps: OpenRunDeps) {
    this.document = document;
    this.run = document.value;
    this.deps = deps;
    this.savedAtMs = deps.clock.elapsedMs();
  }

  /** Reads a run's document; undefined if it does not exist. */
  static async open(deps: OpenRunDeps, hub: string, runId: string): Promise<OpenRun | undefined> {
    const path = runPath(hub, runId);
    const stored = await deps.documents.read<unknown>(path);
    if (!stored) return undefined;
    const how = {
      documents: deps.documents,
      newWriteId: () => deps.random().toString(36).slice(2),
      onStale: (run: Run | undefined) => (run && !isLive(run) ? new RunEndedError(run) : new LeaseLostError(hub)),
      toStored: storedRun,
      fromStored: (value: unknown) => readStoredRun(value, hub, runId),
    };
    return new OpenRun(new OwnedDocument(path, stored, how), deps);
  }

  /** Milliseconds since the last save, or since opening. */
  get sinceSavedMs(): number {
    return this.deps.clock.elapsedMs() - this.savedAtMs;
  }

  get isClosed(): boolean {
    return this.closed;
  }

  /** Stops all writes, also those of calls in flight: another worker may hold the lease by then. */
  close(): void {
    this.closed = true;
  }

  /** Adds a line to the failures and counts its cause; it is written with the next checkpoint. */
  addFailure(outcome: DeviceModuleOutcome): void {
    this.unsavedFailures.push(outcome);
    countCause(this.run.causes, outcome.outcome, outcome.reason ?? 'unknown');
  }

  /** Stores modules before they are removed. Throws as `save`, and what storage throws. */
  async keepRemoved(modules: readonly RemovedModule[]): Promise<void> {
    if (this.closed) throw new LeaseLostError(this.run.hub);
    this.deps.throwIfLeaseLost();
    const { checkpoint } = this.run;
    // One after the other, because two writers would take the same part.
    const written = this.keeping.then(() =>
      writeRemoved(this.deps.documents, this.run, checkpoint.removedParts + 1, modules),
    );
    this.keeping = written.then(
      () => {},
      () => {},
    );
    checkpoint.removedParts = Math.max(checkpoint.removedParts, await written);
  }

  /** Restarts the failures, when the counts restart too. */
  forgetFailures(): void {
    this.unsavedFailures = [];
    this.lastPart = undefined;
    this.run.causes = {};
    Object.assign(this.run.checkpoint, { failureParts: 0, failureBytes: 0, lastPartBytes: 0 });
  }

  /**
   * Throws `RunEndedError` or `LeaseLostError` if another writer wrote the run, and `RunEndedError` if it is closed. Reads
   * storage at most once a second.
   */
  async throwIfEnded(): Promise<void> {
    if (this.closed) throw new RunEndedError(this.run);
    if (this.deps.clock.elapsedMs() - this.checkedAtMs < checkValidMs) return;
    // All concurrent callers share one check: a hundred checks in turn would take too long while storage does not respond.
    this.checking ??= this.check().finally(() => {
      this.checking = undefined;
    });
    await this.checking;
  }

  private async check(): Promise<void> {
    await this.document.check();
    this.checkedAtMs = this.deps.clock.elapsedMs();
  }

  /** Writes a checkpoint: counts, position and failures. Throws `RunEndedError` or `LeaseLostError`. */
  async save(): Promise<void> {
    await this.document.write(async () => {
      if (this.closed) throw new LeaseLostError(this.run.hub);
      this.deps.throwIfLeaseLost();
      await this.writeFailures();
      this.run.checkpointAt = new Date(this.deps.clock.now()).toISOString();
    });
    this.savedAtMs = this.deps.clock.elapsedMs();
  }

  /**
   * Runs before the document is written. Each part is written as a whole, so that it does not matter if a write is repeated or
   * its part was removed; a crash before the document is written leaves lines that the next write replaces.
   */
  private async writeFailures(): Promise<void> {
    const failures = this.unsavedFailures;
    if (failures.length === 0) return;
    this.unsavedFailures = []; // more may be added during the write
    const { hub, runId, checkpoint } = this.run;
    const lines = failures.map((failure) => `${JSON.stringify(failure)}\n`).join('');
    const path = failuresPath(hub, runId);
    try {
      const { part, text } = await this.openPart(path);
      await this.deps.documents.writePart(path, part, text + lines);
      this.lastPart = text + lines;
      checkpoint.failureParts = part;
    } catch (error) {
      this.unsavedFailures = [...failures, ...this.unsavedFailures];
      throw error;
    }
    checkpoint.lastPartBytes = Buffer.byteLength(this.lastPart);
    checkpoint.failureBytes += Buffer.byteLength(lines);
  }

  /** The part that the next lines are added to, and its lines so far. */
  private async openPart(path: string): Promise<{ part: number; text: string }> {
    const { failureParts, lastPartBytes } = this.run.checkpoint;
    if (lastPartBytes === null) return { part: 1, text: '' };
    if (failureParts === 0 || lastPartBytes >= fullPartBytes) return { part: failureParts + 1, text: '' };
    this.lastPart ??= firstBytes(await this.deps.documents.readPart(path, failureParts), lastPartBytes);
    return { part: failureParts, text: this.lastPart };
  }
}
