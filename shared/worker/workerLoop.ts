import { type Clock, clockFrom } from '../clock.ts';
import { hubBudgets, latelySpent, learnedRates } from '../hub/hubBudgets.ts';
import { recordingBudgetUsed } from '../hub/hubMetrics.ts';
import { HubOutage, HubOutageError } from '../hub/hubOutage.ts';
import { atOpenWaves } from '../policy/rollout.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { type HubDocument, updateHubDocument } from '../run/hubDocument.ts';
import type { GivenUpDevice } from '../run/storedHub.ts';
import { errorFields } from '../telemetry/log.ts';
import { allOrFirstError } from './allOrFirstError.ts';
import { comeBackDelayMs, sureToComeMs, untilComeBackMs } from './comeBack.ts';
import { holdRun } from './heldRun.ts';
import { hubProbe } from './hubProbe.ts';
import { PendingDrains } from './pendingDrains.ts';
import type { WorkerFinding } from './protocol.ts';
import { RunLoop } from './runLoop.ts';
import { isDeadline, isLeaseLost, SliceEndedError, type SliceSignals } from './slice.ts';
import type { RunLoopDeps, WorkerDeps } from './workerDeps.ts';

// Over 200 lines: a slice and the ways in which it ends are easier to read in one file.

/** How long a run waits for a hub that serves no call: an operator has a day to correct a host name, a certificate or a firewall. */
const maxOutageMs = 24 * 3600 * 1000;
/** How many of the devices given up the hub document names; it names the newest ones. */
const maxGivenUp = 20;

/** The state with which a slice begins. */
interface TakenAccount {
  before: HubDocument;
  /** Shows the time of the storage service, which dates the account because the clocks of instances differ. */
  clock: Clock;
}

/** How a slice ended, in the protocol's terms. */
export type SliceResult = Extract<WorkerFinding, 'idle' | 'more' | 'lost' | 'blocked'>;

/**
 * Works on one hub during one slice: on due pending devices and on the active run at the same time. They share the budgets,
 * where devices go first and the run keeps a share. Throws every error that is not an end of the slice.
 */
export async function workerLoop(workerDeps: WorkerDeps, signals: SliceSignals): Promise<SliceResult> {
  const { hub, telemetry } = workerDeps;
  const taken = await takeAccount(workerDeps);
  const slice = new WorkerSlice(workerDeps, signals, taken);
  const recordBlocked = () => telemetry.gauge('keeper.hub_blocked', slice.wasRefused ? 1 : 0, { hub: hub.name });
  try {
    const result = await slice.work();
    await slice.saveAtEnd();
    recordBlocked();
    return result;
  } catch (error) {
    const result = await resultAfter(error, slice);
    if (result !== 'lost') recordBlocked();
    return result;
  } finally {
    await slice.close();
  }
}

/** One slice's budgets, its view of the hub's health, and the two loops that use them. */
class WorkerSlice {
  private readonly deps: RunLoopDeps;
  private readonly before: HubDocument;
  private readonly outage: HubOutage;
  private readonly pending: PendingDrains;
  private readonly runs: RunLoop;
  private readonly stop = new AbortController();
  private givenUp: GivenUpDevice[] = [];

  constructor(workerDeps: WorkerDeps, signals: SliceSignals, { before, clock: accountClock }: TakenAccount) {
    const { hub, clock, random, telemetry, log } = workerDeps;
    this.before = before;
    const budgets = hubBudgets(hub, accountClock, before);
    const registry = recordingBudgetUsed(workerDeps.registry, hub.name, budgets, telemetry);
    const ended = AbortSignal.any([signals.ended, this.stop.signal]);
    this.outage = new HubOutage({
      hub: hub.name,
      clock,
      random,
      signal: ended,
      wasOut: before.outage !== undefined,
      ...hubProbe({ registry, budgets, clock, signals: { ...signals, ended } }),
      onChange: async (reason) => {
        if (reason !== undefined) log.warn('The hub serves no call; the worker waits', { hub: hub.name, reason });
        await this.runs.showWaiting(reason);
      },
    });
    const sliceSignals = {
      ...signals,
      ended: AbortSignal.any([ended, this.outage.leave]),
      cutOff: AbortSignal.any([signals.cutOff, this.outage.leave]),
    };
    const inForce = { ...workerDeps.inForce, policy: atOpenWaves(workerDeps.inForce.policy, before.rollouts) };
    this.deps = { ...workerDeps, inForce, registry, budgets, outage: this.outage, signals: sliceSignals };
    this.runs = new RunLoop(this.deps);
    this.pending = new PendingDrains(this.deps, {
      before,
      onGivenUp: (outcomes) => this.reportGivenUp(outcomes),
    });
  }

  get wasRefused(): boolean {
    return this.pending.wasRefused || this.runs.wasRefused;
  }

  /** Resolves when no pending device and no run is left to work on. Rejects with the first error, such as the end of the slice. */
  async work(): Promise<'idle' | 'blocked'> {
    const { hub, log } = this.deps;
    const runTask = this.runToEnd();
    const drains = this.pending.start(runTask).map(async (drain) => {
      await drain;
      return 'idle' as const;
    });
    const [run] = await allOrFirstError([runTask, ...drains], this.stop, (error) => {
      // A slice that ended by its deadline saves all the same; without this line, nobody would see the defect.
      if (!endsSlice(error))
        log.error('A part of the slice failed after its end', { hub: hub.name, ...errorFields(error) });
    });
    return run === 'refused' || this.pending.wasRefused ? 'blocked' : 'idle';
  }

  private async runToEnd(): Promise<'idle' | 'refused' | 'held'> {
    try {
      for (;;) {
        this.deps.signals.ended.throwIfAborted();
        const step = await this.runs.step();
        if (step !== 'more') return step;
      }
    } catch (error) {
      if (isDeadline(error)) await this.runs.endCalls();
      throw error;
    }
  }

  /** As `save`; a run that waits for a window gets a wake-up for its opening, unless an earlier slice has left one. */
  async saveAtEnd(): Promise<void> {
    const { held } = this.runs;
    const { clock, wakeUps, hub } = this.deps;
    if (!held) return this.save();
    const { heldRun, wakeAfterMs } = holdRun(this.before.heldRun, held, clock.now());
    await this.save({ heldRun });
    if (wakeAfterMs !== undefined) await wakeUps.send(hub.name, wakeAfterMs);
  }

  /**
   * Writes the run's checkpoint. Writes the rates, the spending, `parts` and the devices given up to the hub document, and removes
   * from it what this slice found to be over: an outage, a held run, a refusal.
   */
  async save(parts: Pick<HubDocument, 'outage' | 'heldRun'> = {}): Promise<void> {
    const { hub, documents, budgets, signals, clock } = this.deps;
    await this.runs.save();
    signals.leaseLost.throwIfAborted();
    await updateHubDocument(documents, hub.name, ({ outage: _before, heldRun: _held, refusedSince, ...document }) => ({
      ...document,
      ...(this.wasRefused ? { refusedSince: refusedSince ?? new Date(clock.now()).toISOString() } : {}),
      learnedRates: learnedRates(budgets),
      spending: latelySpent(budgets),
      ...parts,
      ...(this.givenUp.length > 0
        ? // made from `before`, so that a repeated write stores the same list
          { givenUp: [...this.givenUp, ...(this.before.givenUp ?? [])].slice(0, maxGivenUp) }
        : {}),
    }));
  }

  /**
   * Call it during an outage of the hub: saves, and sends a delayed wake-up, with a longer delay each time. Sends none while a
   * delayed wake-up of an earlier slice is under way, because each wake-up would send further ones.
   */
  async leaveHub({ probeError, message }: HubOutageError): Promise<void> {
    const { hub, clock, wakeUps, log } = this.deps;
    const nowMs = clock.now();
    const { since = new Date(nowMs).toISOString(), slices = 0, comeBackAt: leftFor } = this.before.outage ?? {};
    if (nowMs - Date.parse(since) > maxOutageMs) await this.runs.failFor(since, probeError);
    await this.runs.showWaiting(message);
    const isLeft = (untilComeBackMs(this.before.outage, nowMs) ?? 0) > sureToComeMs;
    const delayMs = comeBackDelayMs(slices);
    const comeBackAt = isLeft && leftFor !== undefined ? leftFor : new Date(nowMs + delayMs).toISOString();
    await this.save({
      outage: { since, slices: slices + 1, reason: probeError?.message ?? 'No response', comeBackAt },
    });
    log.warn('The hub serves no call; the worker comes back later', { hub: hub.name, since, comeBackAt });
    if (!isLeft) await wakeUps.send(hub.name, delayMs);
  }

  async close(): Promise<void> {
    this.runs.close();
    await this.outage.close();
  }

  private reportGivenUp(outcomes: readonly DeviceModuleOutcome[]): void {
    const at = new Date(this.deps.clock.now()).toISOString();
    this.givenUp.unshift(
      ...outcomes.map(({ deviceId, moduleId, reason }) => ({ deviceId, moduleId, ...(reason ? { reason } : {}), at })),
    );
    this.runs.report(outcomes);
  }
}

/** Whether the error is an end of the slice: its deadline, a lost lease, a stop of the process, or an outage of the hub. */
function endsSlice(error: unknown): boolean {
  return isLeaseLost(error) || error instanceof SliceEndedError || error instanceof HubOutageError;
}

/** The result of a slice that an error ended early; saves first. Rethrows an error that is not an end of the slice. */
async function resultAfter(error: unknown, slice: WorkerSlice): Promise<SliceResult> {
  if (isLeaseLost(error)) return 'lost';
  if (!endsSlice(error)) throw error;
  try {
    if (error instanceof HubOutageError) await slice.leaveHub(error);
    else await slice.save();
    return error instanceof HubOutageError ? 'blocked' : 'more';
  } catch (saveError) {
    // The next slice repeats the work that could not be saved, as it does after a lost lease.
    if (isLeaseLost(saveError) || saveError instanceof SliceEndedError) return 'lost';
    throw saveError;
  }
}

/**
 * Takes the hub's account over: reads the hub document and removes `spending` from it, so that `claimOperations` gives no
 * operations while this slice works. If the slice crashes, the next one finds no account and begins with an empty budget.
 */
async function takeAccount({ hub, documents, clock }: WorkerDeps): Promise<TakenAccount> {
  let taken: TakenAccount = { before: {}, clock };
  await updateHubDocument(documents, hub.name, (document, readAtMs) => {
    taken = { before: document, clock: readAtMs === undefined ? clock : clockFrom(clock, readAtMs) };
    const { spending, version, ...rest } = document;
    // The first slice of a new hub stores a document without spending, because without a document `claimOperations` gives
    // operations.
    return spending === undefined && version !== undefined ? undefined : rest;
  });
  return taken;
}
