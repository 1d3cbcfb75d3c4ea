import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { recountHeadroom } from '../hub/headroom.ts';
import { bulkSize, type HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { settleSingly } from '../reconcile/settleSingly.ts';
import type { OpenRun } from '../run/openRun.ts';
import { recordSweepOutcomes } from '../run/recordRun.ts';
import type { TodoChange } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { notesOf, restartListing, takeInPage } from './checkpointNotes.ts';
import { CreatesInFlight, sendChunk } from './createsInFlight.ts';
import { ContinuationRefusedError, settledOf } from './examinePage.ts';
import { PageReader, type ReadPage } from './pageReader.ts';
import { preflight } from './preflight.ts';
import { measureProgress, type ProgressStart, progressStart } from './progress.ts';
import { StopRuleError, throwIfStopRuleMet } from './stopRules.ts';

/** With a bulk call of at most 10 s in between, a checkpoint is never older than 15 s while the hub answers. */
const checkpointEveryMs = 2_000;

/** While so many answers are looked into, no further call goes out: a hub that fails must not pile them up. */
const maxSettling = 3;

/** A hub that refuses its own tokens again and again would keep a run from ever ending. */
const maxRestarts = 3;

export interface SweepDeps {
  hub: Pick<HubConfig, 'tier' | 'units' | 'budgetPercent'>;
  log: Log;
  telemetry: Telemetry;
  registry: Registry;
  /** The way for pages, which may be read to their end when the slice has ended. */
  pageRegistry: Registry;
  /** Aborted when the slice has ended. */
  signal: AbortSignal;
  /** Aborted when calls under way are given up, with a reason of its own. */
  cutOff: AbortSignal;
  budgets: HubBudgets;
  policy: Policy;
  clock: Clock;
  pause: Pause;
}

/**
 * One run's part in one slice. Each step takes in a page, starts a bulk call, or waits for one to end, so that others get
 * their turn in between. While a page is created, the next ones are read and looked through.
 */
export class Sweep {
  private readonly openRun: OpenRun;
  private readonly deps: SweepDeps;
  private start: ProgressStart;
  private readonly inFlight = new CreatesInFlight({
    send: (chunk, notes) => sendChunk(this.deps, this.openRun.run.dryRun, chunk, notes),
    settle: (result, notes) => settleSingly(this.deps.registry, result, this.deps.pause, notes),
    notesOf: (chunk) =>
      notesOf(this.openRun, chunk, (outcomes) => recordSweepOutcomes(this.deps.telemetry, this.openRun.run, outcomes)),
  });
  private pages: PageReader;

  constructor(openRun: OpenRun, deps: SweepDeps) {
    this.openRun = openRun;
    this.deps = deps;
    this.pages = this.newReader();
    this.start = progressStart(openRun.run, deps.clock);
  }

  /** Does the next piece and answers whether the run is done. Throws `StopRuleError`, and what its registry throws. */
  async step(): Promise<'more' | 'done'> {
    const { run } = this.openRun;
    throwIfStopRuleMet(run, this.deps.policy); // first: pages may have come in when the last slice ended
    if (this.inFlight.hasFailed) await this.inFlight.oneEnds(); // before another page, or another call
    if (run.status === 'queued') await this.begin();
    else if (await this.startBulkCall()) return 'more';
    else if (!run.checkpoint.listed && this.nextChunk().length === 0) await this.takePage();
    else if (!this.inFlight.isEmpty) await this.inFlight.oneEnds();
    else if (run.checkpoint.todo.length === 0) return 'done';
    measureProgress(run, this.start, this.deps.clock);
    if (this.openRun.sinceSavedMs >= checkpointEveryMs) await this.openRun.save();
    return 'more';
  }

  /** Resolves when no create and no look-up of this sweep is under way any more; never throws. */
  async rest(): Promise<void> {
    await this.inFlight.allEnd();
  }

  /** Takes in the pages that were being read when the slice ended, so that no query is asked twice; never throws. */
  async restOfPages(): Promise<void> {
    for (const page of await this.pages.rest()) this.takeIn(page);
  }

  private async begin(): Promise<void> {
    const { run } = this.openRun;
    const { registry, budgets, policy, hub, log } = this.deps;
    run.preflight = await preflight(registry, budgets, policy, hub);
    run.checkpoint.places = run.preflight.places;
    const { warnings, ...figures } = run.preflight;
    log.info('Preflight', { hub: run.hub, runId: run.runId, ...figures });
    for (const warning of warnings) log.warn('Preflight warning', { hub: run.hub, runId: run.runId, warning });
    run.status = 'running';
    run.startedAt = new Date(this.deps.clock.now()).toISOString();
    await this.openRun.save();
  }

  private async takePage(): Promise<void> {
    try {
      this.takeIn(await this.pages.next(this.openRun.run.checkpoint.continuation));
    } catch (error) {
      if (!(error instanceof ContinuationRefusedError)) throw error;
      await this.rest();
      this.restart();
    }
  }

  private takeIn(page: ReadPage): void {
    recordSweepOutcomes(this.deps.telemetry, this.openRun.run, settledOf(page.examined));
    takeInPage(this.openRun, page);
  }

  private restart(): void {
    const { restarts } = this.openRun.run.checkpoint;
    if (restarts >= maxRestarts) {
      throw new StopRuleError(
        `The hub refused to go on with the listing ${restarts + 1} times; start a new run later.`,
      );
    }
    restartListing(this.openRun);
    this.pages = this.newReader();
    this.start = progressStart(this.openRun.run, this.deps.clock);
  }

  private newReader(): PageReader {
    return new PageReader({ ...this.deps, registry: this.deps.pageRegistry });
  }

  private nextChunk(): TodoChange[] {
    const size = bulkSize(this.deps.budgets);
    return this.inFlight.unclaimed(this.openRun.run.checkpoint.todo, size);
  }

  /** As many calls at once as their answers take time; one more would only wait for its budget, before anybody else. */
  private async startBulkCall(): Promise<boolean> {
    const { sending, settling } = this.inFlight;
    const chunk = this.nextChunk();
    if (chunk.length === 0 || settling >= maxSettling) return false;
    if (sending >= this.deps.budgets.registry.concurrency(chunk.length)) return false;
    // Those that were asked for before have their places already.
    const headroomNeeded = this.openRun.run.dryRun || chunk[0]?.asked ? 0 : chunk.length;
    if (headroomNeeded > 0 && !(await this.reserveHeadroom(headroomNeeded))) return false;
    this.inFlight.start(chunk);
    return true;
  }

  /**
   * Sets places under the hub's cap aside; false while that depends on a call under way. Throws `StopRuleError` when only
   * the owner's are left. Others add identities too, so it counts anew before it gives up.
   */
  private async reserveHeadroom(count: number): Promise<boolean> {
    const { checkpoint } = this.openRun.run;
    if (checkpoint.places !== null && checkpoint.places < count) {
      if (!this.inFlight.isEmpty) return false;
      checkpoint.places = await recountHeadroom(this.deps.registry, count);
    }
    if (checkpoint.places !== null) checkpoint.places -= count;
    return true;
  }
}
