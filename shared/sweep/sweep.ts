import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { explain } from '../hub/adviceFor.ts';
import { countHub, HubFullError } from '../hub/headroom.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { predictingRegistry } from '../hub/predictingRegistry.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { PolicyOrigin } from '../policy/policyInForce.ts';
import type { RemovedModule } from '../reconcile/checkRemovals.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { FoundHealth } from '../run/healthCounts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { recordSweepOutcomes } from '../run/recordRun.ts';
import { countWaves } from '../run/waveCounts.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { beginRun, mayRemove } from './beginRun.ts';
import { addPage, restartListing } from './checkpointNotes.ts';
import { settledOf } from './countPage.ts';
import { addEndRemarks } from './endRemarks.ts';
import { Listing } from './listing.ts';
import { pageRows, type ReadPage } from './pageReader.ts';
import { measureProgress } from './progress.ts';
import { RunWindows } from './runWindows.ts';
import type { HeldUntil, RunWork } from './runWork.ts';
import { sendChunk } from './sendChunk.ts';
import { leaveOutCreated, stopModules, throwIfModuleStopped } from './stopRules.ts';
import { type TodoDeps, TodoRunner } from './todoRunner.ts';
import { whyAnew } from './whyAnew.ts';

/**
 * After this time the end of a step writes a checkpoint. A bulk call uses at most 10 s of budget, so the last checkpoint is at most
 * 15 s old while the hub responds.
 */
export const checkpointEveryMs = 2_000;

/**
 * A run that waits for a window repeats a listing that is older than this, because devices and tags may have changed. It is less
 * than a day, because the next nightly sweep starts no other run while this one is live.
 */
const maxHeldListingMs = 20 * 3600 * 1000;

/** What a sweep needs, for one slice. */
export interface SweepDeps {
  hub: Pick<HubConfig, 'hostName' | 'auth' | 'tier' | 'units' | 'budgetPercent'>;
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
  /** Source and fingerprint of `policy`. */
  origin: PolicyOrigin;
  clock: Clock;
  pause: Pause;
  /** Stores modules before they are removed, so that they can be created again. */
  keepRemoved(modules: readonly RemovedModule[]): Promise<void>;
  /** Whether the run has stored modules with `keepRemoved`. */
  hasRemoved(): Promise<boolean>;
  /** Whether a dry run before this run allows it to remove modules (`hasRecentDryRun`). */
  hasDryRun(): Promise<boolean>;
  /** Stores the headroom (null if unknown) after each count of the hub, for creates that are not part of a run. */
  noteHeadroom(headroom: number | null): Promise<void>;
  /** The modules of the hub that events no longer repair, because they flap. */
  flappingModules(): Promise<readonly ModuleName[]>;
}

/**
 * One pass of a run over its hub, for one slice. Each step adds a page, starts a bulk call, or waits until a call has ended. While
 * modules of a page are created, the next pages are read and examined.
 */
export class Sweep implements RunWork {
  private readonly openRun: OpenRun;
  private readonly deps: SweepDeps;
  private readonly todo: TodoRunner;
  private listing: Listing;

  constructor(openRun: OpenRun, deps: SweepDeps) {
    this.openRun = openRun;
    this.deps = deps;
    this.listing = new Listing(openRun, deps);
    // A dry run does the same as a real run, except that it sends no changes.
    const registry = openRun.run.dryRun ? predictingRegistry(deps.registry) : deps.registry;
    const keepRemoved = openRun.run.dryRun ? async () => {} : deps.keepRemoved;
    const send: TodoDeps['send'] = (chunk, notes) =>
      sendChunk({ ...deps, registry, keepRemoved, pageAt: openRun.run.checkpoint.pageAt }, chunk, notes);
    const windows = new RunWindows(deps.policy, openRun.run);
    this.todo = new TodoRunner(openRun, {
      ...deps,
      ...{ registry, send },
      held: (nowMs) => windows.closed(nowMs),
      onSettled: (outcomes) => this.countWaves(outcomes),
    });
  }

  /** Does one step; returns whether the run is done. Throws `RunFailedError`, `HubFullError`, and as the registry. */
  async step(): Promise<'more' | 'done' | HeldUntil> {
    try {
      return await this.oneStep();
    } catch (error) {
      if (await this.continuesWithoutCreates(error)) return 'more';
      throw error;
    }
  }

  private async oneStep(): Promise<'more' | 'done' | HeldUntil> {
    const { run } = this.openRun;
    const anew = whyAnew(run, { policy: this.deps.origin.fingerprint, hostName: this.deps.hub.hostName });
    const mustBegin = run.status === 'queued' || anew !== undefined;
    // This comes before any call, because the previous slice may have ended with new pages.
    if (!mustBegin) stopModules(run, this.deps.policy, this.deps.log);
    if (this.todo.inFlight.hasFailed) await this.todo.inFlight.oneEnds(); // throws, before another page or call starts
    if (mustBegin) await beginRun(this.openRun, this.deps, anew);
    else if (await this.todo.startCall()) return 'more';
    else if (this.listing.mustGoOn(this.todo.nextChunk().length === 0)) await this.listFurther();
    else if (!this.todo.inFlight.isEmpty) await this.todo.inFlight.oneEnds();
    else if (run.checkpoint.todo.length === 0) return this.end();
    else {
      const held = this.todo.onlyHeld();
      if (held && !this.isListingOld()) return this.hold(held);
      if (held) await this.listAnew();
      else await this.todo.waitForRetry();
    }
    measureProgress(run, this.deps.clock);
    if (this.openRun.sinceSavedMs >= checkpointEveryMs) await this.openRun.save();
    return 'more';
  }

  /** On a full hub, leaves out the creates, because removals make room. False for another error, or if nothing else is left. */
  private async continuesWithoutCreates(error: unknown): Promise<boolean> {
    const { policy, hub, log } = this.deps;
    const isCap = isHubError(error, 'identityCap');
    if (!isCap && !(error instanceof HubFullError)) return false;
    await this.allCallsEnd(); // their outcomes still count
    const reason = isCap ? explain(error, hub.auth) : error.message;
    if (!leaveOutCreated(this.openRun.run, policy, reason, log)) return false;
    await this.deps.noteHeadroom(0); // valid until `end` counts the hub again
    return true;
  }

  /** Resolves when no call and no look-up of this sweep is in flight; never rejects. */
  async allCallsEnd(): Promise<void> {
    await this.todo.inFlight.allEnd();
  }

  /** Stops reading; adds the pages whose reading had started, so that no query is repeated. Never rejects. */
  async addStartedPages(): Promise<void> {
    for (const page of await this.listing.stop()) this.addPage(page);
  }

  private isListingOld(): boolean {
    const sinceMs = Date.parse(this.openRun.run.checkpoint.listingSince ?? '');
    return this.deps.clock.now() - sinceMs > maxHeldListingMs;
  }

  /** Restarts the listing. Checks the dry run again, which was recent when the run began and may be too old now. */
  private async listAnew(): Promise<void> {
    const { budgets, policy, clock } = this.deps;
    restartListing(this.openRun, 'The listing grew old while its changes waited for a window', {
      restarts: 0,
      mayRemove: await mayRemove(this.openRun.run, this.deps),
      pageRows: pageRows(budgets, policy),
      listingSince: new Date(clock.now()).toISOString(),
    });
    this.listing = new Listing(this.openRun, this.deps);
  }

  /** Shows which modules wait for their windows. */
  private hold(held: ReadonlyMap<string, number>): HeldUntil {
    const { run } = this.openRun;
    const { log } = this.deps;
    const waits = [...held].map(([moduleId, atMs]) => `${moduleId} until ${new Date(atMs).toISOString()}`);
    run.waitingFor = `The windows of the policy: ${waits.join(', ')}.`;
    const { hub, runId, waitingFor, checkpoint } = run;
    log.info('The run waits for a window', { hub, runId, waitingFor, changes: checkpoint.todo.length });
    return { heldUntilMs: Math.min(...held.values()) };
  }

  /** Counts the hub, and compares what the run has seen with it. */
  private async end(): Promise<'done'> {
    const { run } = this.openRun;
    const { devices, headroom } = await countHub(this.deps.registry);
    run.devicesAtEnd = devices;
    await this.deps.noteHeadroom(headroom);
    const flapping = (await this.deps.flappingModules()).filter(({ moduleId }) =>
      this.deps.policy.some((spec) => spec.moduleId === moduleId),
    );
    addEndRemarks(run, flapping, this.deps.log);
    throwIfModuleStopped(run);
    return 'done';
  }

  private async listFurther(): Promise<void> {
    const page = await this.listing.next();
    if (page) return this.addPage(page);
    if (this.todo.nextChunk().length > 0) return; // the listed changes are made before the listing restarts
    await this.allCallsEnd();
    this.listing.restart();
  }

  private addPage(page: ReadPage): void {
    const settled = settledOf(page.examined);
    recordSweepOutcomes(this.deps.telemetry, this.openRun.run, settled);
    this.countWaves(settled, page.examined.health);
    addPage(this.openRun, page, this.deps.clock.now());
  }

  private countWaves(outcomes: readonly DeviceModuleOutcome[], found: readonly FoundHealth[] = []): void {
    // A silent module is not counted, because it does not show whether its settings are good.
    const reporting = found.filter(({ health }) => health !== 'silent');
    const reports = reporting.map(({ health, ...name }) => ({ ...name, isHealthy: health === 'healthy' }));
    countWaves(this.openRun.run.checkpoint.waves, this.deps.policy, outcomes, reports);
  }
}
