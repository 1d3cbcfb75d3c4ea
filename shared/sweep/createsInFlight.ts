import type { ModuleCreation } from '../hub/registry.ts';
import type { BulkAnswer, SettleNotes } from '../reconcile/bulkAnswer.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { TodoModule } from '../run/run.ts';

export interface BulkWork {
  /** Sends a chunk to the hub. */
  ask(chunk: readonly TodoModule[]): Promise<BulkAnswer>;
  /** Looks up what the answer left open, and tells `notes` of each as it comes. */
  settleOpen(answer: BulkAnswer, notes: SettleNotes): Promise<void>;
  /** Counts outcomes of the chunk and takes them out of the todo, without waiting in between. */
  settled(chunk: readonly TodoModule[], outcomes: readonly DeviceModuleOutcome[]): void;
  /** Told before `settleOpen`, so that a slice that ends in between leaves word of it. */
  leftOpen(chunk: readonly TodoModule[], answer: BulkAnswer): void;
  /** One of the chunk's modules is about to be created singly. */
  asked(chunk: readonly TodoModule[], creation: ModuleCreation): void;
  /** A round of looking up one of the chunk's modules has failed. */
  troubled(chunk: readonly TodoModule[], creation: ModuleCreation, own: boolean): void;
}

/**
 * The bulk calls of a sweep that are under way, and the look-ups behind their answers, which take longer than the calls
 * and need not be waited for. A module stays in the run's todo until it is settled, so a checkpoint at any moment holds it
 * either as done and counted, or as still to do.
 */
export class CreatesInFlight {
  private readonly work: BulkWork;
  private readonly claimed = new Set<TodoModule>();
  private unanswered = 0;
  private open = 0;
  private change = Promise.withResolvers<void>();
  private failure: { error: unknown } | undefined;

  constructor(work: BulkWork) {
    this.work = work;
  }

  /** How many calls wait for their answers. */
  get asking(): number {
    return this.unanswered;
  }

  /** How many answers are being looked into. */
  get settling(): number {
    return this.open;
  }

  /** Whether `oneEnds` would throw. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  get isEmpty(): boolean {
    return this.claimed.size === 0;
  }

  /** The first `max` modules of `todo` that nothing under way is about, all of them asked for before, or none of them. */
  unclaimed(todo: readonly TodoModule[], max: number): TodoModule[] {
    const chunk: TodoModule[] = [];
    for (const module of todo) {
      if (chunk.length === max) break;
      if (this.claimed.has(module) || module.asked !== (chunk[0] ?? module).asked) continue;
      chunk.push(module);
    }
    return chunk;
  }

  /** Starts a call without waiting for its end; what it throws is thrown by `oneEnds`. */
  start(chunk: readonly TodoModule[]): void {
    for (const module of chunk) this.claimed.add(module);
    void this.run(chunk);
  }

  /** Resolves when a call was answered or settled. Throws what it threw. */
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
  private async run(chunk: readonly TodoModule[]): Promise<void> {
    try {
      const answer = await this.ask(chunk);
      this.work.settled(chunk, answer.settled);
      if (answer.open.length > 0) await this.settle(chunk, answer);
    } catch (error) {
      this.failure ??= { error };
    } finally {
      for (const module of chunk) this.claimed.delete(module);
      this.emitChange();
    }
  }

  private async ask(chunk: readonly TodoModule[]): Promise<BulkAnswer> {
    this.unanswered += 1;
    try {
      return await this.work.ask(chunk);
    } finally {
      this.unanswered -= 1;
    }
  }

  private async settle(chunk: readonly TodoModule[], answer: BulkAnswer): Promise<void> {
    this.work.leftOpen(chunk, answer);
    this.open += 1;
    this.emitChange(); // another call may start
    try {
      await this.work.settleOpen(answer, {
        settled: (outcome) => this.work.settled(chunk, [outcome]),
        asked: (creation) => this.work.asked(chunk, creation),
        troubled: (creation, own) => this.work.troubled(chunk, creation, own),
      });
    } finally {
      this.open -= 1;
    }
  }

  private emitChange(): void {
    const { resolve } = this.change;
    this.change = Promise.withResolvers();
    resolve();
  }
}
