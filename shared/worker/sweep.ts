import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { bulkSize, type HubBudgets } from '../hub/hubBudgets.ts';
import type { ModuleCreation, Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { createMany } from '../reconcile/createMany.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { creationOf } from '../reconcile/planDevice.ts';
import type { Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { tellSweepOutcomes } from '../telemetry/tellRun.ts';
import { BulkLine } from './bulkLine.ts';
import { addOne, countOutcome, noCounts } from './counts.ts';
import { ContinuationRefusedError, countPage, settledOf } from './listing.ts';
import { PageReader } from './pageReader.ts';
import { preflight, recountPlaces } from './preflight.ts';
import { measureProgress, type ProgressStart, progressStart } from './progress.ts';
import { newCheckpoint, type TodoModule } from './run.ts';
import type { RunRecord } from './runRecord.ts';
import { StopRuleError, throwIfStopRuleMet } from './stopRules.ts';

/** With a bulk call of at most 10 s in between, a checkpoint is never older than 15 s while the hub answers. */
const checkpointEveryMs = 2_000;

/** A hub that refuses its own tokens again and again would keep a run from ever ending. */
const maxRestarts = 3;

export interface SweepDeps {
  hub: Pick<HubConfig, 'tier' | 'units' | 'budgetPercent'>;
  log: Log;
  telemetry: Telemetry;
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  clock: Clock;
  pause: Pause;
}

/**
 * One run's part in one slice. Each step takes in a page, starts a bulk call, or waits for one to end, so that others get
 * their turn in between. While a page is created, the next one is read and looked through.
 */
export class Sweep {
  private readonly record: RunRecord;
  private readonly deps: SweepDeps;
  private start: ProgressStart;
  private readonly bulkLine = new BulkLine(
    (chunk) => this.reconcile(chunk),
    (chunk, outcomes) => this.settle(chunk, outcomes),
  );
  private readonly pages: PageReader;

  constructor(record: RunRecord, deps: SweepDeps) {
    this.record = record;
    this.deps = deps;
    this.pages = new PageReader(deps);
    this.start = progressStart(record.run, deps.clock);
  }

  /** Does the next piece and answers whether the run is done. Throws `StopRuleError`, and what its registry throws. */
  async step(): Promise<'more' | 'done'> {
    const { run } = this.record;
    if (run.status === 'queued') await this.begin();
    else if (await this.startBulkCall()) return 'more';
    else if (!run.checkpoint.listed && this.nextChunk().length === 0) await this.takePage();
    else if (this.bulkLine.length > 0) await this.bulkLine.oneEnds();
    else return 'done';
    throwIfStopRuleMet(run, this.deps.policy);
    measureProgress(run, this.start, this.deps.clock);
    if (this.record.sinceSavedMs >= checkpointEveryMs) await this.record.save();
    return 'more';
  }

  /** Resolves when nothing that this sweep has sent to the hub is without its answer; never throws. */
  async rest(): Promise<void> {
    await this.bulkLine.allEnd();
  }

  private async begin(): Promise<void> {
    const { run } = this.record;
    const { registry, budgets, policy, hub, log } = this.deps;
    run.preflight = await preflight(registry, budgets, policy, hub);
    run.checkpoint.places = run.preflight.places;
    const { warnings, ...figures } = run.preflight;
    log.info('Preflight', { hub: run.hub, runId: run.runId, ...figures });
    for (const warning of warnings) log.warn('Preflight warning', { hub: run.hub, runId: run.runId, warning });
    run.status = 'running';
    run.startedAt = new Date(this.deps.clock.now()).toISOString();
    await this.record.save();
  }

  private async takePage(): Promise<void> {
    const { run } = this.record;
    try {
      const { continuation, examined } = await this.pages.next(run.checkpoint.continuation);
      // From here to the new checkpoint nothing waits: counts and position must never be saved without each other.
      for (const outcome of countPage(run.counts, examined)) this.record.addFailure(outcome);
      tellSweepOutcomes(this.deps.telemetry, run, settledOf(examined));
      const { continuation: _done, ...checkpoint } = run.checkpoint;
      run.checkpoint = {
        ...checkpoint,
        todo: [...checkpoint.todo, ...examined.missing.map(({ twin: _seed, ...todo }) => todo)],
        listed: continuation === undefined,
        ...(continuation === undefined ? {} : { continuation }),
      };
      run.progress.pages += 1;
      if (!run.checkpoint.listed) this.pages.begin(continuation);
    } catch (error) {
      if (!(error instanceof ContinuationRefusedError)) throw error;
      await this.rest();
      this.restart();
    }
  }

  /** Modules made so far stay, and will count as unchanged; the sums must come from one whole listing. */
  private restart(): void {
    const { run } = this.record;
    const { changes, places, restarts } = run.checkpoint;
    if (restarts >= maxRestarts) {
      throw new StopRuleError(
        `The hub refused to go on with the listing ${restarts + 1} times; start a new run later.`,
      );
    }
    run.reason = `The hub refused to go on with the listing after ${run.counts.devices} devices; it was begun anew, and so were the counts.`;
    run.counts = noCounts();
    run.progress.pages = 0;
    run.checkpoint = {
      ...newCheckpoint(),
      restarts: restarts + 1,
      changes,
      places,
    };
    this.record.forgetFailures();
    this.start = progressStart(run, this.deps.clock);
  }

  private nextChunk(): TodoModule[] {
    const size = bulkSize(this.deps.budgets);
    return this.bulkLine.unclaimed(this.record.run.checkpoint.todo, size);
  }

  /** As many calls at once as their answers take time; one more would only wait for its budget, before anybody else. */
  private async startBulkCall(): Promise<boolean> {
    const chunk = this.nextChunk();
    if (chunk.length === 0 || this.bulkLine.length >= this.deps.budgets.registry.callsAtOnce(chunk.length))
      return false;
    if (!this.record.run.dryRun && !(await this.keepPlaces(chunk.length))) return false;
    this.bulkLine.start(chunk);
    return true;
  }

  /**
   * Sets places under the hub's cap aside; false while that depends on a call under way. Throws `StopRuleError` when only
   * the owner's are left. Others add identities too, so it counts anew before it gives up.
   */
  private async keepPlaces(count: number): Promise<boolean> {
    const { checkpoint } = this.record.run;
    if (checkpoint.places !== null && checkpoint.places < count) {
      if (this.bulkLine.length > 0) return false;
      checkpoint.places = await recountPlaces(this.deps.registry, count);
    }
    if (checkpoint.places !== null) checkpoint.places -= count;
    return true;
  }

  private settle(chunk: ReadonlySet<TodoModule>, outcomes: DeviceModuleOutcome[]): void {
    const { counts, checkpoint } = this.record.run;
    tellSweepOutcomes(this.deps.telemetry, this.record.run, outcomes);
    for (const outcome of outcomes) {
      countOutcome(counts, outcome);
      if (outcome.outcome === 'failed' || outcome.outcome === 'blocked') this.record.addFailure(outcome);
      if (outcome.outcome === 'created') addOne(checkpoint.changes, outcome.moduleId);
      if (outcome.outcome === 'failed') addOne(checkpoint.failures, outcome.moduleId);
    }
    checkpoint.todo = checkpoint.todo.filter((module) => !chunk.has(module));
  }

  private async reconcile(chunk: readonly TodoModule[]): Promise<DeviceModuleOutcome[]> {
    const { registry, policy } = this.deps;
    const specs = new Map(policy.map((spec) => [spec.moduleId, spec]));
    const outcomes: DeviceModuleOutcome[] = [];
    const creations: ModuleCreation[] = [];
    for (const todo of chunk) {
      const { deviceId, moduleId } = todo;
      const spec = specs.get(moduleId);
      if (!spec)
        outcomes.push({ deviceId, moduleId, outcome: 'excluded', reason: 'policy' }); // it changed meanwhile
      else if (this.record.run.dryRun) outcomes.push({ deviceId, moduleId, outcome: 'created' });
      else creations.push(creationOf(spec, todo));
    }
    return creations.length === 0
      ? outcomes
      : [...outcomes, ...(await createMany(registry, creations, this.deps.pause))];
  }
}
