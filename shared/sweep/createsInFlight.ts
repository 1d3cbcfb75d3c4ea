import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { sendInBulk } from '../reconcile/applyChanges.ts';
import type { ModuleChange } from '../reconcile/moduleChange.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { withTwin } from '../reconcile/planDevice.ts';
import type { BulkResult, ChangeNotes } from '../reconcile/settleSingly.ts';
import type { TodoChange } from '../run/run.ts';

export interface InFlightWork {
  /** Sends a chunk to the hub. */
  send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult>;
  /** Looks up what the response left open. */
  settle(result: BulkResult, notes: ChangeNotes): Promise<void>;
  /** Takes notes of a chunk in the run's checkpoint, without waiting in between. */
  notesOf(chunk: readonly TodoChange[]): ChangeNotes;
}

/**
 * The bulk calls of a sweep that are under way, and the look-ups behind their responses, which take longer than the calls
 * and need not be waited for. A change stays in the run's todo until it is settled, so a checkpoint at any moment holds it
 * either as done and counted, or as still to do.
 */
export class CreatesInFlight {
  private readonly work: InFlightWork;
  private readonly claimed = new Set<TodoChange>();
  private sendingCalls = 0;
  private settlingCalls = 0;
  private change = Promise.withResolvers<void>();
  private failure: { error: unknown } | undefined;

  constructor(work: InFlightWork) {
    this.work = work;
  }

  /** How many calls wait for their response. */
  get sending(): number {
    return this.sendingCalls;
  }

  /** How many responses are being looked up. */
  get settling(): number {
    return this.settlingCalls;
  }

  /** Whether `oneEnds` would throw. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  get isEmpty(): boolean {
    return this.claimed.size === 0;
  }

  /** The first `max` changes of `todo` that nothing under way is about, all of them sent before, or none of them. */
  unclaimed(todo: readonly TodoChange[], max: number): TodoChange[] {
    const chunk: TodoChange[] = [];
    for (const change of todo) {
      if (chunk.length === max) break;
      if (this.claimed.has(change) || change.asked !== (chunk[0] ?? change).asked) continue;
      chunk.push(change);
    }
    return chunk;
  }

  /** Starts a call without waiting for its end; `oneEnds` throws what it throws. */
  start(chunk: readonly TodoChange[]): void {
    for (const change of chunk) this.claimed.add(change);
    void this.run(chunk);
  }

  /** Resolves when a call got its response or was settled. Throws what it threw. */
  async oneEnds(): Promise<void> {
    if (!this.failure && !this.isEmpty) await this.change.promise;
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
  }

  /** Resolves when nothing is under way any more, however it ends. */
  async allEnd(): Promise<void> {
    while (!this.isEmpty) await this.change.promise;
    this.failure = undefined;
  }

  /** Never rejects: nobody may be waiting for it at that moment. */
  private async run(chunk: readonly TodoChange[]): Promise<void> {
    const notes = this.work.notesOf(chunk);
    try {
      const result = await this.send(chunk, notes);
      notes.settled(result.settled);
      if (result.open.length > 0) await this.settle(result, notes);
    } catch (error) {
      this.failure ??= { error };
    } finally {
      for (const change of chunk) this.claimed.delete(change);
      this.emitChange();
    }
  }

  private async send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult> {
    this.sendingCalls += 1;
    try {
      return await this.work.send(chunk, notes);
    } finally {
      this.sendingCalls -= 1;
    }
  }

  private async settle(result: BulkResult, notes: ChangeNotes): Promise<void> {
    if (result.mayHaveApplied) notes.sent(result.open); // a slice may end before they are looked up
    this.settlingCalls += 1;
    this.emitChange(); // another call may start
    try {
      await this.work.settle(result, notes);
    } finally {
      this.settlingCalls -= 1;
    }
  }

  private emitChange(): void {
    const { resolve } = this.change;
    this.change = Promise.withResolvers();
    resolve();
  }
}

export interface SendDeps {
  registry: Registry;
  policy: Policy;
  /** Aborted when calls under way are given up, with a reason of its own. */
  cutOff: AbortSignal;
}

/**
 * Sends a chunk to the hub in one bulk call. A chunk that was sent before is left open, to be looked up; a dry run gets its
 * outcomes without the hub. Throws as `sendInBulk`.
 */
export async function sendChunk(
  { registry, policy, cutOff }: SendDeps,
  dryRun: boolean,
  chunk: readonly TodoChange[],
  notes: ChangeNotes,
): Promise<BulkResult> {
  const specs = new Map(policy.map((spec) => [spec.moduleId, spec]));
  const settled: DeviceModuleOutcome[] = [];
  const open: ModuleChange[] = [];
  const ownFailuresBefore = new Map<ModuleChange, number>();
  for (const { asked: _asked, rounds: _rounds, ownFailures = 0, ...stored } of chunk) {
    const { deviceId, moduleId } = stored;
    const spec = specs.get(moduleId);
    if (!spec)
      settled.push({ deviceId, moduleId, outcome: 'excluded', reason: 'policy' }); // it changed meanwhile
    else if (dryRun) settled.push({ deviceId, moduleId, outcome: predictedOutcomes[stored.do] });
    else {
      const change = withTwin(spec, stored);
      open.push(change);
      ownFailuresBefore.set(change, ownFailures);
    }
  }
  if (open.length === 0 || chunk[0]?.asked) {
    const roundsBefore = Math.min(...chunk.map(({ rounds }) => rounds ?? 0));
    return { settled, open, mayHaveApplied: true, servedBefore: [], roundsBefore, ownFailuresBefore };
  }
  try {
    const result = await sendInBulk(registry, open);
    return { ...result, settled: [...settled, ...result.settled] };
  } catch (error) {
    // The slice had no more time for the response; the hub may have made them all the same.
    if (error === cutOff.reason) notes.sent(open);
    throw error;
  }
}

/** What a dry run says of a change that it does not make. */
const predictedOutcomes = { create: 'created' } as const satisfies Record<ModuleChange['do'], string>;
