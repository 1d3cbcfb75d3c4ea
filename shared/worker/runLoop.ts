import { explain, isCreate, refusalsOfApp } from '../hub/adviceFor.ts';
import { HubFullError } from '../hub/headroom.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { pauseBy } from '../hub/retryDelay.ts';
import { countFields, servedPairs } from '../run/counts.ts';
import { noteFull, readHubDocument, updateHubDocument, withoutRun } from '../run/hubDocument.ts';
import { OpenRun, type OpenRunDeps, RunEndedError } from '../run/openRun.ts';
import { recordRunEnded } from '../run/recordRun.ts';
import type { Run } from '../run/run.ts';
import { isLive } from '../run/run.ts';
import { readOrWriteRun } from '../run/runStore.ts';
import { StopRuleError } from '../sweep/stopRules.ts';
import { Sweep, type SweepDeps } from '../sweep/sweep.ts';
import { runRegistry } from './runRegistry.ts';
import type { RunLoopDeps } from './workerDeps.ts';

/** A working day: long enough for a person to mend the settings. */
const refusedPatienceMs = 24 * 3600 * 1000;

/** How often the state of a run is logged while it goes on. */
const logEveryMs = 30_000;

/** The runs of one hub within one slice: goes on with the active one, ends it, and takes up the next. */
export class RunLoop {
  private readonly deps: RunLoopDeps;
  private current: { openRun: OpenRun; sweep: Sweep } | undefined;
  private loggedAtMs: number;
  private refused = false;
  /** What the current run waits for, where the hub refuses the app and that may pass. */
  private waitsFor: string | undefined;
  /** What the current run had dealt with when it was taken up. */
  private servedBefore = 0;

  constructor(deps: RunLoopDeps) {
    this.deps = deps;
    this.loggedAtMs = deps.clock.now();
  }

  /** Whether the hub has refused the app as a whole, which ended a run or makes it wait. */
  get wasRefused(): boolean {
    return this.refused;
  }

  /** Does one step of the active run. `idle`: the hub has no run that is not ended. `refused`: not now, but later perhaps. */
  async step(): Promise<'more' | 'idle' | 'refused'> {
    this.current ??= await this.takeUp();
    if (!this.current) return 'idle';
    const { openRun, sweep } = this.current;
    try {
      if ((await sweep.step()) === 'done') await this.finish(openRun, 'done', openRun.run.reason);
      else this.noteProgress(openRun.run);
    } catch (error) {
      await sweep.rest(); // what is under way still counts
      if (error instanceof HubFullError || isHubError(error, 'identityCap')) await this.noteFull();
      this.refused ||= error instanceof HubFullError || isHubError(error, ...refusalsOfApp);
      if (error instanceof RunEndedError) await this.leave(openRun.run);
      else if (error instanceof StopRuleError || error instanceof HubFullError)
        await this.finish(openRun, 'failed', error.message);
      else if (!isHubError(error)) throw error;
      else if (this.mayPass(openRun.run, error)) return 'refused';
      else await this.finish(openRun, 'failed', explain(error, this.deps.hub.auth));
    }
    return 'more';
  }

  /**
   * A key that worked when the run began is being rotated, and somebody will put the new one into the settings: the run
   * waits for that, and shows it. A key or a role that never worked ends the run at once: what reads when the run begins,
   * and under Entra ID, where no key is rotated, what creates with its first module.
   */
  private mayPass(run: Run, error: HubError): boolean {
    const { clock, hub, log } = this.deps;
    if (error.kind !== 'unauthorized' || run.status !== 'running') return false;
    if (hub.auth.kind === 'entra' && isCreate(error) && run.counts.created === 0) return false;
    run.checkpoint.refusedSince ??= new Date(clock.now()).toISOString();
    if (clock.now() - Date.parse(run.checkpoint.refusedSince) > refusedPatienceMs) return false;
    this.waitsFor = explain(error, hub.auth);
    run.waitingFor = this.waitsFor;
    log.error('The hub refuses the app; the run waits', { hub: hub.name, runId: run.runId, reason: run.waitingFor });
    return true;
  }

  private async noteFull(): Promise<void> {
    const { documents, hub, clock } = this.deps;
    await noteFull(documents, hub.name, new Date(clock.now()).toISOString());
  }

  /** Keeps what may still be under way from writing anything. */
  close(): void {
    this.current?.openRun.close();
  }

  /** Writes the checkpoint of the run at hand, if there is one. */
  async save(): Promise<void> {
    if (!this.current) return;
    const { openRun, sweep } = this.current;
    try {
      await sweep.rest();
      await openRun.save(); // before pages that may take longer
      await sweep.restOfPages();
      openRun.run.waitingFor = this.waitsFor ?? openRun.run.waitingFor; // pages may still be answered where creates are not
      await openRun.save();
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      await this.leave(openRun.run);
    }
  }

  private async takeUp(): Promise<{ openRun: OpenRun; sweep: Sweep } | undefined> {
    const { documents, hub, log } = this.deps;
    for (;;) {
      const { activeRun } = await readHubDocument(documents, hub.name);
      if (!activeRun) return undefined;
      const openRun = await OpenRun.open(this.recordDeps(), hub.name, activeRun.runId);
      if (openRun && isLive(openRun.run)) {
        this.servedBefore = served(openRun.run);
        log.info('Run taken up', { hub: hub.name, runId: activeRun.runId, status: openRun.run.status });
        return { openRun, sweep: new Sweep(openRun, this.sweepDeps(openRun)) };
      }
      if (openRun)
        await this.leave(openRun.run); // whoever ended it did not come to that
      else await readOrWriteRun(documents, hub.name, activeRun); // nor its starter to this
    }
  }

  private recordDeps(): OpenRunDeps {
    return { ...this.deps, throwIfLeaseLost: () => this.deps.signals.leaseLost.throwIfAborted() };
  }

  private sweepDeps(openRun: OpenRun): SweepDeps {
    const { ended: signal, cutOff } = this.deps.signals;
    return {
      ...{ ...this.deps, signal, cutOff, pause: pauseBy({ ...this.deps, signal }) },
      ...{ registry: runRegistry(this.deps, openRun, signal), pageRegistry: runRegistry(this.deps, openRun, cutOff) },
    };
  }

  private async finish(openRun: OpenRun, status: 'done' | 'failed', reason: string | null): Promise<void> {
    const { clock, log } = this.deps;
    const { run } = openRun;
    const finishedAt = new Date(clock.now()).toISOString();
    Object.assign(run, { status, reason, finishedAt, waitingFor: null });
    run.progress.estimatedEnd = null;
    try {
      await openRun.save();
    } catch (error) {
      if (error instanceof RunEndedError) return this.leave(run); // cancelled in this very moment, and that stands
      throw error;
    }
    const level = status === 'done' ? 'info' : 'error';
    recordRunEnded(this.deps.telemetry, run);
    log[level]('Run ended', { hub: run.hub, runId: run.runId, status, reason, ...countFields(run.counts) });
    await this.leave(run);
  }

  /** Takes the ended run out of the hub's line. */
  private async leave({ hub, runId, status, dryRun, finishedAt, counts }: Run): Promise<void> {
    this.current?.openRun.close();
    this.current = undefined;
    await updateHubDocument(this.deps.documents, hub, (document) => {
      const after = withoutRun(document, runId) ?? document;
      if (status !== 'done' || dryRun || finishedAt === null) return after;
      return { ...after, lastFinishedSweep: { runId, finishedAt, counts } };
    });
  }

  private noteProgress(run: Run): void {
    // Only what the hub has answered shows that it lets the app in again.
    if (served(run) > this.servedBefore) run.checkpoint.refusedSince = null;
    const now = this.deps.clock.now();
    if (now - this.loggedAtMs < logEveryMs) return;
    this.loggedAtMs = now;
    this.deps.log.info('Run goes on', { hub: run.hub, runId: run.runId, ...countFields(run.counts), ...run.progress });
  }
}

/** Pages and pairs that the hub has served. */
function served({ counts, progress }: Run): number {
  return progress.pages + servedPairs(counts);
}
