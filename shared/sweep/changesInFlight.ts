import { CheckTooOldError } from '../reconcile/checkRemovals.ts';
import { isDue } from '../reconcile/ownFailures.ts';
import type { BulkResult, ChangeNotes } from '../reconcile/settleSingly.ts';
import type { TodoChange } from '../run/run.ts';
import { WindowClosedError } from './runWindows.ts';
import { mustBeLookedUp } from './sendChunk.ts';

/** The operations on one chunk: changes of one kind that are made together. */
export interface ChunkOperations {
  /** Sends a chunk to the hub. */
  send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult>;
  /** Looks up the changes that the response did not settle. */
  settle(result: BulkResult, notes: ChangeNotes): Promise<void>;
  /** Enters the results of a chunk in the checkpoint of the run. */
  notesOf(chunk: readonly TodoChange[]): ChangeNotes;
}

/** What a chunk may hold. */
interface ChunkLimits {
  /** The largest number of changes. */
  max: number;
  /** The largest number of removals. Only one chunk of them is in flight, so that each removal follows its check within seconds. */
  maxRemovals: number;
  nowMs: number;
  /** By id, the modules that must not be changed now; none by default. */
  held?: ReadonlyMap<string, unknown> | undefined;
  /** Whether the change must wait for another one; by default no change waits. */
  waits?(change: TodoChange): boolean;
}

/**
 * The chunks of changes of a sweep that are in flight: their bulk calls, or the checks before removals, and the single calls
 * after them, which take longer. A change stays in the run's todo until it is settled, so every checkpoint contains it either in
 * the counts or in the todo.
 */
export class ChangesInFlight {
  private readonly operations: ChunkOperations;
  private readonly inFlight = new Set<TodoChange>();
  private sendingCalls = 0;
  private settlingCalls = 0;
  private nextChange = Promise.withResolvers<void>();
  private failure: { error: unknown } | undefined;

  constructor(operations: ChunkOperations) {
    this.operations = operations;
  }

  /** Number of calls without a response yet. */
  get sending(): number {
    return this.sendingCalls;
  }

  /** Number of responses whose unsettled changes are being looked up. */
  get settling(): number {
    return this.settlingCalls;
  }

  /** Whether the next `oneEnds` throws. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** Whether no call and no look-up is in flight. */
  get isEmpty(): boolean {
    return this.inFlight.size === 0;
  }

  /**
   * The first `max` changes of `todo` that are due, not in flight, not of a module in `held`, and wait for no other change. All are
   * of one kind: either all of them go into one bulk call, or all are looked up by id.
   */
  notInFlight(
    todo: readonly TodoChange[],
    { max, maxRemovals, nowMs, held = new Map(), waits }: ChunkLimits,
  ): TodoChange[] {
    const isRemoving = [...this.inFlight].some((change) => change.do === 'remove');
    const chunk: TodoChange[] = [];
    for (const change of todo) {
      if (chunk.length === (chunk[0]?.do === 'remove' ? maxRemovals : max)) break;
      if (isRemoving && change.do === 'remove') continue;
      if (this.inFlight.has(change) || held.has(change.moduleId) || !isDue(change.retryAtMs, nowMs)) continue;
      if (waits?.(change)) continue;
      const first = chunk[0] ?? change;
      if (change.do !== first.do || change.asked !== first.asked) continue;
      if (mustBeLookedUp(change) !== mustBeLookedUp(first)) continue;
      chunk.push(change);
    }
    return chunk;
  }

  /** Starts a call without waiting for it; `oneEnds` throws its error. */
  start(chunk: readonly TodoChange[]): void {
    for (const change of chunk) this.inFlight.add(change);
    void this.run(chunk);
  }

  /** Resolves when a call gets its response or is settled. Throws the first error of a call. */
  async oneEnds(): Promise<void> {
    if (!this.failure && !this.isEmpty) await this.nextChange.promise;
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
  }

  /** Resolves when no call is in flight. Never rejects: an error of a call, which `oneEnds` would throw, is dropped. */
  async allEnd(): Promise<void> {
    while (!this.isEmpty) await this.nextChange.promise;
    this.failure = undefined;
  }

  /** Never rejects, because perhaps no code awaits it at that moment. */
  private async run(chunk: readonly TodoChange[]): Promise<void> {
    const notes = this.operations.notesOf(chunk);
    try {
      const result = await this.send(chunk, notes);
      notes.settled(result.settled);
      if (result.unsettled.length > 0) await this.settle(result, notes);
    } catch (error) {
      // A change that was not sent stays in the todo: it waits for its window, or is checked again.
      const wasNotSent = error instanceof WindowClosedError || error instanceof CheckTooOldError;
      if (!wasNotSent) this.failure ??= { error };
    } finally {
      for (const change of chunk) this.inFlight.delete(change);
      this.emitChange();
    }
  }

  private async send(chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult> {
    this.sendingCalls += 1;
    try {
      return await this.operations.send(chunk, notes);
    } finally {
      this.sendingCalls -= 1;
    }
  }

  private async settle(result: BulkResult, notes: ChangeNotes): Promise<void> {
    if (result.mayHaveApplied) notes.sent(result.unsettled); // the slice may end before they are looked up
    this.settlingCalls += 1;
    this.emitChange(); // another call may start
    try {
      await this.operations.settle(result, notes);
    } finally {
      this.settlingCalls -= 1;
    }
  }

  private emitChange(): void {
    const { resolve } = this.nextChange;
    this.nextChange = Promise.withResolvers();
    resolve();
  }
}
