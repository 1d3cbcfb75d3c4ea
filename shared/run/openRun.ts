import type { Clock, Random } from '../clock.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { Documents, PartedTexts } from '../storage/documents.ts';
import { LeaseLostError } from '../storage/leases.ts';
import { OwnedDocument } from '../storage/ownedDocument.ts';
import { countCause } from './causes.ts';
import { writeRemoved } from './removedModules.ts';
import { type ReportKind, type ReportLines, reportKinds } from './report.ts';
import { ReportWriter } from './reportWriter.ts';
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

/** How long the result of a check for cancellation is used. */
const checkValidMs = 1_000;

/**
 * A run as its hub's worker holds it: the run, the time of its last check and save, and the lines of its reports that the next
 * checkpoint must write. If another writer changed the run's document, the run has ended or the lease is lost.
 */
export class OpenRun {
  readonly run: Run;
  private readonly deps: OpenRunDeps;
  private readonly document: OwnedDocument<Run>;
  private checkedAtMs = Number.NEGATIVE_INFINITY;
  private savedAtMs: number;
  private readonly reports: { [Kind in ReportKind]: ReportWriter<Kind> };
  private closed = false;
  private checking: Promise<void> | undefined;
  private keeping: Promise<void> = Promise.resolve();

  private constructor(document: OwnedDocument<Run>, deps: OpenRunDeps) {
    this.document = document;
    this.run = document.value;
    this.deps = deps;
    this.savedAtMs = deps.clock.elapsedMs();
    const { documents } = deps;
    this.reports = {
      failures: new ReportWriter(documents, this.run, 'failures'),
      changes: new ReportWriter(documents, this.run, 'changes'),
      exemptions: new ReportWriter(documents, this.run, 'exemptions'),
    };
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

  /** Adds a line to the failures, as `report` does, and counts its cause. */
  addFailure(outcome: DeviceModuleOutcome): void {
    this.report('failures', outcome);
    countCause(this.run.causes, outcome.outcome, outcome.reason ?? 'unknown');
  }

  /** Adds a line to a report of the run; it is written with the next checkpoint. */
  report<Kind extends ReportKind>(kind: Kind, line: ReportLines[Kind]): void {
    this.reports[kind].add(line);
  }

  /** Stores modules before they are removed. Throws as `save`, and what storage throws. */
  async keepRemoved(modules: readonly RemovedModule[]): Promise<void> {
    if (this.closed) throw new LeaseLostError(this.run.hub);
    this.deps.throwIfLeaseLost();
    const { checkpoint } = this.run;
    // One write at a time, because two writers would take the same part.
    const written = this.keeping.then(() =>
      writeRemoved(this.deps.documents, this.run, checkpoint.removedParts + 1, modules),
    );
    this.keeping = written.then(
      () => {},
      () => {},
    );
    checkpoint.removedParts = Math.max(checkpoint.removedParts, await written);
  }

  /** Empties the reports. Call it when the counts restart at zero. */
  forgetReports(): void {
    this.run.causes = {};
    for (const kind of reportKinds) this.reports[kind].forget();
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

  /** Writes a checkpoint: counts, position and reports. Throws `RunEndedError` or `LeaseLostError`. */
  async save(): Promise<void> {
    await this.document.write(async () => {
      if (this.closed) throw new LeaseLostError(this.run.hub);
      this.deps.throwIfLeaseLost();
      for (const kind of reportKinds) await this.reports[kind].write();
      this.run.checkpointAt = new Date(this.deps.clock.now()).toISOString();
    });
    this.savedAtMs = this.deps.clock.elapsedMs();
  }
}
