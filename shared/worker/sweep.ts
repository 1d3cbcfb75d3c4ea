import type { Clock } from '../clock.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { type ModuleCreation, maxBulkIdentities, type Page, type Registry } from '../hub/registry.ts';
import type { DeviceInfo } from '../policy/deviceInfo.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { createMany } from '../reconcile/createMany.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { creationOf } from '../reconcile/planDevice.ts';
import { countOutcome, noCounts } from './counts.ts';
import { ContinuationRefusedError, countPage, examinePage, listPage } from './listing.ts';
import { measureProgress, type ProgressStart, progressStart } from './progress.ts';
import { newCheckpoint, type TodoModule } from './run.ts';
import type { RunRecord } from './runRecord.ts';
import { StopRuleError, throwIfStopRuleMet } from './stopRules.ts';

/** A page is asked for with as many rows as so much budget can create modules for, within these bounds (design section 5). */
const pageWorthMs = 120_000;
const minPageRows = 100;
const maxPageRows = 1_000;
/** Most budget that one bulk call may use up, so that a cancellation never waits longer. */
export const bulkWorthMs = 10_000;
/** With a bulk call of at most 10 s in between, a checkpoint is never older than 15 s while the hub answers. */
const checkpointEveryMs = 2_000;

/** A hub that refuses its own tokens again and again would keep a run from ever ending. */
const maxRestarts = 3;

export interface SweepDeps {
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  clock: Clock;
}

type Prefetch = Promise<{ page: Page<DeviceInfo> } | { error: unknown }>;

/** One run's part in one slice. Each step is one page or one bulk call, so others get their turn in between. */
export class Sweep {
  private readonly record: RunRecord;
  private readonly deps: SweepDeps;
  private readonly start: ProgressStart;
  private nextPage: Prefetch | undefined;

  constructor(record: RunRecord, deps: SweepDeps) {
    this.record = record;
    this.deps = deps;
    this.start = progressStart(record.run, deps.clock);
  }

  /** Does the next piece and answers whether the run is done. Throws `StopRuleError`, and what its registry throws. */
  async step(): Promise<'more' | 'done'> {
    const { run } = this.record;
    if (run.status === 'queued') await this.begin();
    else if (run.checkpoint.todo.length > 0) await this.createSome();
    else if (!run.checkpoint.listed) await this.takePage();
    else return 'done';
    throwIfStopRuleMet(run, this.deps.policy);
    measureProgress(run, this.start, this.deps.clock);
    if (this.record.sinceSavedMs >= checkpointEveryMs) await this.record.save();
    return 'more';
  }

  private async begin(): Promise<void> {
    const { run } = this.record;
    run.checkpoint.totalDevices = await this.deps.registry.countDevices();
    run.status = 'running';
    run.startedAt = new Date(this.deps.clock.now()).toISOString();
    await this.record.save();
  }

  private async takePage(): Promise<void> {
    const { run } = this.record;
    const { registry, policy } = this.deps;
    try {
      const page = await this.readPage();
      const examined = await examinePage(registry, policy, page);
      // From here to the new checkpoint nothing waits: counts and position must never be saved without each other.
      for (const outcome of countPage(run.counts, examined)) this.record.addFailure(outcome);
      const { continuation: _done, ...checkpoint } = run.checkpoint;
      run.checkpoint = {
        ...checkpoint,
        todo: examined.missing.map(({ twin: _seed, ...todo }) => todo),
        listed: page.continuation === undefined,
        ...(page.continuation === undefined ? {} : { continuation: page.continuation }),
      };
      run.progress.pages += 1;
      if (!run.checkpoint.listed) this.nextPage = this.prefetch();
    } catch (error) {
      if (!(error instanceof ContinuationRefusedError)) throw error;
      this.restart();
    }
  }

  private async readPage(): Promise<Page<DeviceInfo>> {
    const read = await (this.nextPage ?? this.prefetch());
    this.nextPage = undefined;
    if ('error' in read) throw read.error;
    return read.page;
  }

  /** Never rejects: a page that is asked for ahead may fail while nobody is waiting for it yet. */
  private prefetch(): Prefetch {
    const { registry, budgets, policy } = this.deps;
    const maxRows = Math.min(maxPageRows, Math.max(minPageRows, budgets.registry.worthOf(pageWorthMs)));
    return listPage(registry, policy, maxRows, this.record.run.checkpoint.continuation).then(
      (page) => ({ page }),
      (error: unknown) => ({ error }),
    );
  }

  /** Modules made so far stay, and will count as unchanged; the sums must come from one whole listing. */
  private restart(): void {
    const { run } = this.record;
    const { failureParts, changes, totalDevices, restarts } = run.checkpoint;
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
      failureParts,
      changes,
      ...(totalDevices === undefined ? {} : { totalDevices }),
    };
  }

  private async createSome(): Promise<void> {
    const { run } = this.record;
    const { todo } = run.checkpoint;
    const size = this.deps.budgets.registry.evenCost(bulkWorthMs, maxBulkIdentities);
    const chunk = todo.slice(0, size);
    for (const outcome of await this.reconcile(chunk)) {
      countOutcome(run.counts, outcome);
      if (outcome.outcome === 'failed' || outcome.outcome === 'blocked') this.record.addFailure(outcome);
      if (outcome.outcome === 'created') {
        run.checkpoint.changes[outcome.moduleId] = (run.checkpoint.changes[outcome.moduleId] ?? 0) + 1;
      }
    }
    run.checkpoint.todo = todo.slice(chunk.length);
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
    return creations.length === 0 ? outcomes : [...outcomes, ...(await createMany(registry, creations))];
  }
}
