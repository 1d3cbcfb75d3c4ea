import { explain, refusalsOfApp } from '../hub/adviceFor.ts';
import { HubFullError } from '../hub/headroom.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import { rightOf } from '../hub/operations.ts';
import { originFields } from '../policy/policyInForce.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { changedPairs, countFields, servedPairs } from '../run/counts.ts';
import { readHubDocument, updateHubDocument, writeFullSince } from '../run/hubDocument.ts';
import { OpenRun, RunEndedError } from '../run/openRun.ts';
import type { Run } from '../run/run.ts';
import { isLive } from '../run/run.ts';
import { readOrWriteRun } from '../run/runStore.ts';
import { RunFailedError } from '../sweep/runFailedError.ts';
import type { RunWork } from '../sweep/runWork.ts';
import { removeEndedRun, writeEnd } from './endRun.ts';
import { runWorkOf } from './runWorkOf.ts';
import type { RunLoopDeps } from './workerDeps.ts';

// Over 200 lines: the states of one run within a slice, and every way in which it leaves them.

/** How long a run waits for access before it fails: 24 h, so that an operator can correct the settings. */
const maxRefusedMs = 24 * 3600 * 1000;

const devicesGoFirst = 'New devices go first; the run keeps a quarter of the granted rate.';

/** How often the progress of a run is logged. */
const logEveryMs = 30_000;

/** Works on the runs of one hub during one slice: continues the active one, ends it, and opens the next. */
export class RunLoop {
  private readonly deps: RunLoopDeps;
  private current: { openRun: OpenRun; work: RunWork } | undefined;
  private loggedAtMs: number;
  private refused = false;
  private heldRun: { runId: string; heldUntilMs: number } | undefined;
  private callsEnded = false;
  /** Why the current run waits, if the hub refuses the app and access may return. */
  private waitsFor: string | undefined;
  /** Value of `servedCount` when the current run was opened. */
  private servedBefore = 0;

  constructor(deps: RunLoopDeps) {
    this.deps = deps;
    this.loggedAtMs = deps.clock.elapsedMs();
  }

  /** Whether the hub has refused the app as a whole during this slice. */
  get wasRefused(): boolean {
    return this.refused;
  }

  /** After `step` has returned `held`: the run, and the time before which it has nothing to do (milliseconds since 1970). */
  get held(): { runId: string; heldUntilMs: number } | undefined {
    return this.heldRun;
  }

  /**
   * Does one step of the active run. `idle`: there is no live run. `refused`: the run waits until the hub accepts the app. `held`: the
   * run waits for a window, and the hub has no queued run.
   */
  async step(): Promise<'more' | 'idle' | 'refused' | 'held'> {
    this.current ??= await this.openActiveRun();
    if (!this.current) return 'idle';
    const { openRun, work } = this.current;
    try {
      const result = await work.step();
      if (result === 'done') await this.finish(openRun, 'done', openRun.run.reason);
      else if (result === 'more') this.logProgress(openRun.run);
      else if (!(await this.giveWay(openRun))) {
        this.heldRun = { runId: openRun.run.runId, ...result };
        return 'held';
      }
    } catch (error) {
      await work.allCallsEnd(); // their outcomes still count
      if (error instanceof HubFullError || isHubError(error, 'identityCap')) await this.writeFullSince();
      this.refused ||= error instanceof HubFullError || isHubError(error, ...refusalsOfApp);
      if (error instanceof RunEndedError) await this.removeEnded(openRun.run);
      else if (error instanceof RunFailedError || error instanceof HubFullError)
        await this.finish(openRun, 'failed', error.message);
      else if (!isHubError(error)) throw error;
      else if (this.mayWait(openRun.run, error)) {
        this.wait(openRun.run, error);
        return 'refused';
      } else await this.finish(openRun, 'failed', explain(error, this.deps.hub.auth));
    }
    return 'more';
  }

  /**
   * Whether a refused run may wait for access to return. A key that worked when the run started may be under rotation, so the
   * run waits for the new one. If the key or the role has never worked, the run fails at once: at its start if it cannot read, and
   * under Entra ID, where no key is rotated, also at the first module if it cannot write.
   */
  private mayWait(run: Run, error: HubError): boolean {
    const { clock, hub } = this.deps;
    if (error.kind !== 'unauthorized' || run.status !== 'running') return false;
    if (hub.auth.kind === 'entra' && rightOf(error) !== 'read' && changedPairs(run.counts) === 0) return false;
    const { refusedSince } = run.checkpoint;
    return refusedSince === null || clock.now() - Date.parse(refusedSince) <= maxRefusedMs;
  }

  /** Swaps a run that waits for a window, perhaps for days, with the queued run. Returns false if there is no queued run. */
  private async giveWay(openRun: OpenRun): Promise<boolean> {
    const { documents, hub, log } = this.deps;
    const { runId } = openRun.run;
    if ((await readHubDocument(documents, hub.name)).queuedRun === undefined) return false;
    await openRun.save();
    await updateHubDocument(documents, hub.name, (document) => {
      const { activeRun, queuedRun } = document;
      return queuedRun && activeRun?.runId === runId
        ? { ...document, activeRun: queuedRun, queuedRun: activeRun }
        : undefined;
    });
    log.info('The queued run goes before a run that waits for a window', { hub: hub.name, runId });
    openRun.close();
    this.current = undefined;
    return true;
  }

  /** Notes in the run why and since when it waits, and logs why. */
  private wait(run: Run, error: HubError): void {
    const { clock, hub, log } = this.deps;
    run.checkpoint.refusedSince ??= new Date(clock.now()).toISOString();
    this.waitsFor = explain(error, hub.auth);
    run.waitingFor = this.waitsFor;
    log.error('The hub refuses the app; the run waits', { hub: hub.name, runId: run.runId, reason: run.waitingFor });
  }

  /** Shows in the run why it waits for the hub. `reason` undefined: the run no longer waits. */
  async showWaiting(reason: string | undefined): Promise<void> {
    const { openRun } = this.current ?? {};
    if (!openRun || openRun.isClosed) return;
    openRun.run.waitingFor = reason ?? null;
    try {
      await openRun.save();
    } catch (error) {
      // The run was cancelled meanwhile, and its next step removes it. Pending devices that wait for the hub are not affected.
      if (!(error instanceof RunEndedError)) throw error;
    }
  }

  /** Adds outcomes of pending devices to the failures of the active run, which does not count them. */
  report(outcomes: readonly DeviceModuleOutcome[]): void {
    for (const outcome of outcomes) this.current?.openRun.addFailure(outcome);
  }

  /** Ends the active run as failed, because the hub has served no call since `since` (ISO 8601). */
  async failFor(since: string, probeError: HubError | undefined): Promise<void> {
    if (!this.current) return;
    const { openRun, work } = this.current;
    await work.allCallsEnd();
    const said = probeError === undefined ? 'No response.' : explain(probeError, this.deps.hub.auth);
    const check = 'Check its host name, its certificate, the network, and whether the hub still exists.';
    await this.finish(openRun, 'failed', `The hub has served no call since ${since}. ${said} ${check}`);
  }

  /** Shows in the run whether it waits because pending devices use the budget first. */
  private showTurns(run: Run): void {
    const devicesFirst = this.deps.budgets.registry.servesDevicesFirst;
    if (devicesFirst && run.waitingFor === null) run.waitingFor = devicesGoFirst;
    else if (!devicesFirst && run.waitingFor === devicesGoFirst) run.waitingFor = null;
  }

  private async writeFullSince(): Promise<void> {
    const { documents, hub, clock } = this.deps;
    await writeFullSince(documents, hub.name, new Date(clock.now()).toISOString());
  }

  /** Stops all writes, also those of calls in flight. */
  close(): void {
    this.current?.openRun.close();
  }

  /** Waits for the calls and pages of the run that were started. Throws `LeaseLostError` and the signals' reasons. */
  async endCalls(): Promise<void> {
    if (this.callsEnded) return;
    this.callsEnded = true;
    await this.unlessEnded(async ({ openRun, work }) => {
      await work.allCallsEnd();
      await openRun.save(); // now, because the started pages may take long
      await work.addStartedPages();
    });
  }

  /** Writes the last checkpoint of the slice, if a run is open. Throws `LeaseLostError` and the signals' reasons. */
  async save(): Promise<void> {
    await this.endCalls();
    await this.unlessEnded(async ({ openRun }) => {
      openRun.run.waitingFor = this.waitsFor ?? openRun.run.waitingFor; // a page that succeeded has cleared it
      await openRun.save();
    });
  }

  private async unlessEnded(act: (current: { openRun: OpenRun; work: RunWork }) => Promise<void>): Promise<void> {
    if (!this.current) return;
    const { run } = this.current.openRun;
    try {
      await act(this.current);
    } catch (error) {
      if (!(error instanceof RunEndedError)) throw error;
      await this.removeEnded(run);
    }
  }

  private async openActiveRun(): Promise<{ openRun: OpenRun; work: RunWork } | undefined> {
    const { documents, hub, log, inForce, signals } = this.deps;
    const openRunDeps = { ...this.deps, throwIfLeaseLost: () => signals.leaseLost.throwIfAborted() };
    for (;;) {
      const { activeRun, rollouts } = await readHubDocument(documents, hub.name);
      if (!activeRun) return undefined;
      const openRun = await OpenRun.open(openRunDeps, hub.name, activeRun.runId);
      if (openRun && isLive(openRun.run)) {
        this.servedBefore = servedCount(openRun.run);
        const { runId } = activeRun;
        const { status } = openRun.run;
        log.info('The worker works on a run', { hub: hub.name, runId, status, ...originFields(inForce) });
        return { openRun, work: await runWorkOf(this.deps, openRun, rollouts) };
      }
      if (openRun)
        await this.removeEnded(openRun.run); // the process that ended the run failed before it did this
      else await readOrWriteRun(documents, hub.name, activeRun); // the process that started the run failed before it wrote the document
    }
  }

  private async finish(openRun: OpenRun, status: 'done' | 'failed', reason: string | null): Promise<void> {
    await writeEnd(this.deps, openRun, status, reason);
    await this.removeEnded(openRun.run);
  }

  private async removeEnded(run: Run): Promise<void> {
    this.current?.openRun.close();
    this.current = undefined;
    await removeEndedRun(this.deps, run.runId);
  }

  private logProgress(run: Run): void {
    this.showTurns(run);
    // Only a response proves that the hub accepts the app again.
    if (servedCount(run) > this.servedBefore) run.checkpoint.refusedSince = null;
    const now = this.deps.clock.elapsedMs();
    if (now - this.loggedAtMs < logEveryMs) return;
    this.loggedAtMs = now;
    this.deps.log.info('Run progress', { hub: run.hub, runId: run.runId, ...countFields(run.counts), ...run.progress });
  }
}

/** Number of pages and pairs that the hub has served. */
function servedCount({ counts, progress }: Run): number {
  return progress.pages + servedPairs(counts);
}
