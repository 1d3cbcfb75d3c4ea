import type { Clock } from '../clock.ts';
import { countHub, HubFullError } from '../hub/headroom.ts';
import { bulkSize, type HubBudgets, removalsAtOnce } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Pause } from '../hub/retryDelay.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { type BulkResult, type ChangeNotes, settleSingly } from '../reconcile/settleSingly.ts';
import type { OpenRun } from '../run/openRun.ts';
import { recordSweepOutcomes } from '../run/recordRun.ts';
import type { TodoChange } from '../run/run.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ChangesInFlight } from './changesInFlight.ts';
import { notesOf } from './checkpointNotes.ts';

/** While this many responses are being looked up, no further call is sent, so that they do not accumulate on a failing hub. */
const maxSettling = 3;

/** What making the changes of a run's todo needs. */
export interface TodoDeps {
  telemetry: Telemetry;
  registry: Registry;
  budgets: HubBudgets;
  clock: Clock;
  pause: Pause;
  /** Aborted when the slice has ended. */
  signal: AbortSignal;
  /** Sends a chunk of changes of one kind (`sendChunk`). */
  send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult>;
  /** Gets outcomes just before they are counted in the run. */
  onSettled?(outcomes: readonly DeviceModuleOutcome[]): void;
  /** The modules that must not be changed now, each with the time at which its window opens. Default: none. */
  held?(nowMs: number): ReadonlyMap<string, number>;
}

/** Makes the changes of a run's todo, in chunks, at the pace of the budget. */
export class TodoRunner {
  readonly inFlight: ChangesInFlight;
  private readonly openRun: OpenRun;
  private readonly deps: TodoDeps;
  /** Creates that the hub refused because their device has too many modules, while the todo had a removal on the same device. */
  private readonly onFullDevices = new WeakSet<TodoChange>();

  constructor(openRun: OpenRun, deps: TodoDeps) {
    this.openRun = openRun;
    this.deps = deps;
    const { telemetry, registry, pause, clock } = deps;
    this.inFlight = new ChangesInFlight({
      send: (chunk, notes) => deps.send(chunk, notes),
      settle: (result, notes) => settleSingly(registry, result, pause, notes),
      notesOf: (chunk) => {
        const notes = notesOf(openRun, chunk, clock, (outcomes) => {
          recordSweepOutcomes(telemetry, openRun.run, outcomes);
          deps.onSettled?.(outcomes);
        });
        return { ...notes, settled: (outcomes) => notes.settled(this.withoutWaiting(chunk, outcomes)) };
      },
    });
  }

  /** The outcomes without those of creates for which a removal of the same device will make room. */
  private withoutWaiting(
    chunk: readonly TodoChange[],
    outcomes: readonly DeviceModuleOutcome[],
  ): readonly DeviceModuleOutcome[] {
    if (!outcomes.some(isOfFullDevice)) return outcomes;
    const makesRoom = this.devicesWithRemovals();
    const waiting = outcomes.filter((outcome) => isOfFullDevice(outcome) && makesRoom.has(outcome.deviceId));
    const keys = new Set(waiting.map(pairKey));
    for (const change of chunk) if (change.do === 'create' && keys.has(pairKey(change))) this.onFullDevices.add(change);
    return outcomes.filter((outcome) => !waiting.includes(outcome));
  }

  /** The devices with a removal in the todo that may be made now. */
  private devicesWithRemovals(): ReadonlySet<string> {
    const held = this.deps.held?.(this.deps.clock.now());
    const removals = this.openRun.run.checkpoint.todo.filter((one) => one.do === 'remove' && !held?.has(one.moduleId));
    return new Set(removals.map(({ deviceId }) => deviceId));
  }

  /** Whether a change waits for a removal of the same device. */
  private waits(): (change: TodoChange) => boolean {
    let makesRoom: ReadonlySet<string> | undefined;
    return (change) => {
      if (!this.onFullDevices.has(change)) return false;
      makesRoom ??= this.devicesWithRemovals();
      return makesRoom.has(change.deviceId);
    };
  }

  /** The changes that the next call would make; empty if none is due. */
  nextChunk(): TodoChange[] {
    const { budgets, clock } = this.deps;
    const nowMs = clock.now();
    const { todo } = this.openRun.run.checkpoint;
    const limits = { max: bulkSize(budgets), maxRemovals: removalsAtOnce(budgets), nowMs };
    return this.inFlight.notInFlight(todo, { ...limits, held: this.deps.held?.(nowMs), waits: this.waits() });
  }

  /** The held modules with their opening times, if only their changes are left; otherwise undefined. */
  onlyHeld(): ReadonlyMap<string, number> | undefined {
    const held = this.deps.held?.(this.deps.clock.now()) ?? new Map<string, number>();
    const { todo } = this.openRun.run.checkpoint;
    if (todo.length === 0 || !todo.every(({ moduleId }) => held.has(moduleId))) return undefined;
    const wanted = new Set(todo.map(({ moduleId }) => moduleId));
    return new Map([...held].filter(([moduleId]) => wanted.has(moduleId)));
  }

  /**
   * Starts a call if one is possible. More calls than `Budget.concurrency` would only wait for budget, ahead of others. Throws
   * `HubFullError`.
   */
  async startCall(): Promise<boolean> {
    const { sending, settling } = this.inFlight;
    const next = this.nextChunk();
    if (next.length === 0 || settling >= maxSettling) return false;
    if (sending >= this.deps.budgets.registry.concurrency(next.length)) return false;
    // Changes that were sent before have their headroom reserved already.
    const takesHeadroom = next[0]?.do === 'create' && !next[0].asked && !this.openRun.run.dryRun;
    const chunk = takesHeadroom ? next.slice(0, await this.reserveHeadroom(next.length)) : next;
    if (chunk.length === 0) return false;
    this.inFlight.start(chunk);
    return true;
  }

  /** Waits until the next change is due: all that are left, and are not held, have failed by themselves and are tried again. */
  async waitForRetry(): Promise<void> {
    const { clock, signal } = this.deps;
    const held = this.deps.held?.(clock.now());
    const waits = this.waits();
    const todo = this.openRun.run.checkpoint.todo.filter((change) => !held?.has(change.moduleId) && !waits(change));
    const nextAtMs = Math.min(...todo.map(({ retryAtMs = 0 }) => retryAtMs));
    await clock.sleep(Math.max(0, nextAtMs - clock.now()), signal);
  }

  /**
   * Reserves headroom for up to `most` modules and returns for how many; 0 while calls in flight may change the result. Counts the
   * hub again if the headroom is too small, because other clients add and remove identities too. Throws `HubFullError` if there is
   * none.
   */
  private async reserveHeadroom(most: number): Promise<number> {
    const { checkpoint } = this.openRun.run;
    if (checkpoint.places === null) return most;
    if (checkpoint.places < most) {
      if (!this.inFlight.isEmpty) return 0;
      const { headroom } = await countHub(this.deps.registry);
      // If the hub counted its modules earlier and cannot count them now, it may be full.
      if (!headroom) throw new HubFullError();
      checkpoint.places = headroom;
    }
    const count = Math.min(most, checkpoint.places);
    checkpoint.places -= count;
    return count;
  }
}

function isOfFullDevice({ reason }: DeviceModuleOutcome): boolean {
  return reason === 'tooManyModules';
}
