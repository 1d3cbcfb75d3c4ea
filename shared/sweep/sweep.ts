import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { countHub, HubFullError, recountHeadroom } from '../hub/headroom.ts';
import { bulkSize, type HubBudgets } from '../hub/hubBudgets.ts';
import { predictingRegistry } from '../hub/predictingRegistry.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { PolicyOrigin } from '../policy/policyInForce.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import { settleSingly } from '../reconcile/settleSingly.ts';
import { noExemptions } from '../run/exemptionCounts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { recordSweepOutcomes } from '../run/recordRun.ts';
import { noteOrigin, type TodoChange } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ChangesInFlight } from './changesInFlight.ts';
import { addPage, notesOf, restartListing } from './checkpointNotes.ts';
import { settledOf } from './countPage.ts';
import { addEndRemarks } from './endRemarks.ts';
import { Listing } from './listing.ts';
import { pageRows, type ReadPage } from './pageReader.ts';
import { logPreflight, preflight } from './preflight.ts';
import { measureProgress } from './progress.ts';
import { type SendDeps, sendChunk } from './sendChunk.ts';
import { stopModules, throwIfModuleStopped } from './stopRules.ts';
import { whyAnew } from './whyAnew.ts';

/** A bulk call uses at most 10 s of budget, so a checkpoint is at most 15 s old while the hub responds. */
const checkpointEveryMs = 2_000;

/** While this many responses are being looked up no further call is sent, so that a failing hub does not accumulate them. */
const maxSettling = 3;

/** What a sweep needs, for one slice. */
export interface SweepDeps {
  hub: Pick<HubConfig, 'hostName' | 'tier' | 'units' | 'budgetPercent'>;
  log: Log;
  telemetry: Telemetry;
  registry: Registry;
  /** The registry for pages; it works until `cutOff`, so that started pages can be read to their end. */
  pageRegistry: Registry;
  /** Aborted when the slice has ended. */
  signal: AbortSignal;
  /** Aborted later, when calls in flight must end, too. */
  cutOff: AbortSignal;
  budgets: HubBudgets;
  policy: Policy;
  /** Of that policy. */
  origin: PolicyOrigin;
  clock: Clock;
  pause: Pause;
  /** Stores modules before they are removed, so that they can be created again. */
  keepRemoved(modules: readonly RemovedModule[]): Promise<void>;
  /** Whether a dry run of this policy (a fingerprint) has ended on the hub within the last day. */
  hasDryRun(policy: string): Promise<boolean>;
  /** Gets the headroom (null if unknown) whenever the hub was counted; stores it for those that create without a run. */
  noteHeadroom(headroom: number | null): Promise<void>;
}

/**
 * One pass of a run over its hub, for one slice. Each step adds a page, starts a bulk call, or waits for one to end, so that
 * pending devices can run between steps. While modules of a page are created, the next pages are read and examined.
 */
export class Sweep {
  private readonly openRun: OpenRun;
  private readonly deps: SweepDeps;
  private readonly inFlight = new ChangesInFlight({
    send: (chunk, notes) => sendChunk(this.sendDeps(), chunk, notes),
    settle: (result, notes) => settleSingly(this.sendDeps().registry, result, this.deps.pause, notes),
    notesOf: (chunk) =>
      notesOf(this.openRun, chunk, this.deps.clock, (outcomes) =>
        recordSweepOutcomes(this.deps.telemetry, this.openRun.run, outcomes),
      ),
  });
  private readonly listing: Listing;

  constructor(openRun: OpenRun, deps: SweepDeps) {
    this.openRun = openRun;
    this.deps = deps;
    this.listing = new Listing(openRun, deps);
  }

  /** Does one step; returns whether the run is done. Throws `StopRuleError`, `HubFullError`, and as the registry. */
  async step(): Promise<'more' | 'done'> {
    const { run } = this.openRun;
    const anew = whyAnew(run, { policy: this.deps.origin.fingerprint, hostName: this.deps.hub.hostName });
    const mustBegin = run.status === 'queued' || anew !== undefined;
    // Before any call: the last slice may have ended with new pages.
    if (!mustBegin) stopModules(run, this.deps.policy, this.deps.log);
    if (this.inFlight.hasFailed) await this.inFlight.oneEnds(); // throws, before another page or call starts
    if (mustBegin) await this.begin(anew);
    else if (await this.startBulkCall()) return 'more';
    else if (this.listing.mustGoOn(this.nextChunk().length === 0)) await this.listFurther();
    else if (!this.inFlight.isEmpty) await this.inFlight.oneEnds();
    else if (run.checkpoint.todo.length === 0) return this.end();
    else await this.waitForRetry();
    measureProgress(run, this.deps.clock);
    if (this.openRun.sinceSavedMs >= checkpointEveryMs) await this.openRun.save();
    return 'more';
  }

  /** Resolves when no create and no look-up of this sweep is in flight; never rejects. */
  async allCallsEnd(): Promise<void> {
    await this.inFlight.allEnd();
  }

  /** Stops reading; adds the pages whose reading had started, so that no query is repeated. Never rejects. */
  async addStartedPages(): Promise<void> {
    for (const page of await this.listing.stop()) this.addPage(page);
  }

  /** Begins the listing of a new run or, for the reason `anew`, of one that has begun. */
  private async begin(anew: string | undefined): Promise<void> {
    const { run } = this.openRun;
    const { registry, budgets, policy, origin, hub, log } = this.deps;
    run.preflight = await preflight(registry, budgets, policy, hub);
    if (anew !== undefined) restartListing(this.openRun, anew, { restarts: run.checkpoint.restarts });
    noteOrigin(run, origin);
    run.exemptions ??= noExemptions();
    run.checkpoint.pageRows = pageRows(budgets, policy);
    run.checkpoint.mayRemove = run.dryRun || (await this.deps.hasDryRun(origin.fingerprint));
    run.checkpoint.hostName = hub.hostName;
    run.checkpoint.places = run.preflight.places;
    run.checkpoint.listingSince = new Date(this.deps.clock.now()).toISOString();
    await this.deps.noteHeadroom(run.preflight.places);
    logPreflight(log, run, run.preflight);
    run.status = 'running';
    run.startedAt ??= run.checkpoint.listingSince;
    await this.openRun.save();
  }

  /** Counts the hub, and compares what the run has seen with it. */
  private async end(): Promise<'done'> {
    const { run } = this.openRun;
    const { devices, headroom } = await countHub(this.deps.registry);
    run.devicesAtEnd = devices;
    await this.deps.noteHeadroom(headroom);
    addEndRemarks(run, this.deps.log);
    throwIfModuleStopped(run);
    return 'done';
  }

  private async listFurther(): Promise<void> {
    const page = await this.listing.next();
    if (page) return this.addPage(page);
    if (this.nextChunk().length > 0) return; // what was listed is made before the listing restarts
    await this.allCallsEnd();
    this.listing.restart();
  }

  private addPage(page: ReadPage): void {
    recordSweepOutcomes(this.deps.telemetry, this.openRun.run, settledOf(page.examined));
    addPage(this.openRun, page);
  }

  /** A dry run goes the way of a real one, and its changes are not sent. */
  private sendDeps(): SendDeps {
    const { registry, policy } = this.deps;
    if (this.openRun.run.dryRun) return { registry: predictingRegistry(registry), policy, keepRemoved: async () => {} };
    return { registry, policy, keepRemoved: this.deps.keepRemoved };
  }

  private nextChunk(): TodoChange[] {
    const size = bulkSize(this.deps.budgets);
    return this.inFlight.notInFlight(this.openRun.run.checkpoint.todo, size, this.deps.clock.now());
  }

  /** All that is left failed by itself and is tried again later. */
  private async waitForRetry(): Promise<void> {
    const { clock, signal } = this.deps;
    const { todo } = this.openRun.run.checkpoint;
    const nextAtMs = Math.min(...todo.map(({ retryAtMs = 0 }) => retryAtMs));
    await clock.sleep(Math.max(0, nextAtMs - clock.now()), signal);
  }

  /** Starts a bulk call if one is possible. More calls than `Budget.concurrency` would only wait for budget, ahead of others. */
  private async startBulkCall(): Promise<boolean> {
    const { sending, settling } = this.inFlight;
    const chunk = this.nextChunk();
    if (chunk.length === 0 || settling >= maxSettling) return false;
    if (sending >= this.deps.budgets.registry.concurrency(chunk.length)) return false;
    // Changes that were sent before have their headroom reserved already.
    const takesHeadroom = chunk[0]?.do === 'create' && !chunk[0].asked && !this.openRun.run.dryRun;
    const headroomNeeded = takesHeadroom ? chunk.length : 0;
    if (headroomNeeded > 0 && !(await this.reserveHeadroom(headroomNeeded))) return false;
    this.inFlight.start(chunk);
    return true;
  }

  /**
   * Reserves headroom for `count` modules; false while calls in flight may change the result. Counts the hub again before it
   * throws `HubFullError`, because other clients add and remove identities too.
   */
  private async reserveHeadroom(count: number): Promise<boolean> {
    const { checkpoint } = this.openRun.run;
    if (checkpoint.places !== null && checkpoint.places < count) {
      if (!this.inFlight.isEmpty) return false;
      const places = await recountHeadroom(this.deps.registry, count);
      // A hub that counted its modules before and does not now may be full.
      if (places === null) throw new HubFullError();
      checkpoint.places = places;
    }
    if (checkpoint.places !== null) checkpoint.places -= count;
    return true;
  }
}
