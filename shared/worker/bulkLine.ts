import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import type { TodoModule } from './run.ts';

/**
 * The bulk calls of a sweep that are under way. A chunk stays in the run's todo until it is settled, so a checkpoint at
 * any moment holds it either as done and counted, or as still to do.
 */
export class BulkLine {
  private readonly create: (chunk: readonly TodoModule[]) => Promise<DeviceModuleOutcome[]>;
  private readonly settle: (chunk: ReadonlySet<TodoModule>, outcomes: DeviceModuleOutcome[]) => void;
  private readonly claimed = new Set<TodoModule>();
  private readonly underWay = new Set<Promise<void>>();
  private failure: { error: unknown } | undefined;

  /** `settle` must count the outcomes and take the chunk out of the todo without waiting in between. */
  constructor(
    create: (chunk: readonly TodoModule[]) => Promise<DeviceModuleOutcome[]>,
    settle: (chunk: ReadonlySet<TodoModule>, outcomes: DeviceModuleOutcome[]) => void,
  ) {
    this.create = create;
    this.settle = settle;
  }

  /** How many calls are under way. */
  get length(): number {
    return this.underWay.size;
  }

  /** The first `max` modules of `todo` that no call under way is about. */
  unclaimed(todo: readonly TodoModule[], max: number): TodoModule[] {
    const chunk: TodoModule[] = [];
    for (const module of todo) {
      if (chunk.length === max) break;
      if (!this.claimed.has(module)) chunk.push(module);
    }
    return chunk;
  }

  /** Starts a call without waiting for its end; what it throws is thrown by `oneEnds`. */
  start(chunk: readonly TodoModule[]): void {
    for (const module of chunk) this.claimed.add(module);
    const call = this.run(chunk).finally(() => this.underWay.delete(call));
    this.underWay.add(call);
  }

  /** Resolves when one of the calls has ended. Throws what a call threw. */
  async oneEnds(): Promise<void> {
    await Promise.race(this.underWay);
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
  }

  /** Resolves when no call is under way any more, however the calls end. */
  async allEnd(): Promise<void> {
    while (this.underWay.size > 0) await Promise.race(this.underWay);
    this.failure = undefined;
  }

  /** Never rejects: nobody may be waiting for it at that moment. */
  private async run(chunk: readonly TodoModule[]): Promise<void> {
    try {
      const outcomes = await this.create(chunk);
      this.settle(new Set(chunk), outcomes);
    } catch (error) {
      this.failure ??= { error };
    } finally {
      for (const module of chunk) this.claimed.delete(module);
    }
  }
}
