import { AsyncLocalStorage } from 'node:async_hooks';

/** Adds up, for each piece of work by itself, how long it waited in calls to others. */
export class TimedCalls {
  private readonly current = new AsyncLocalStorage<{ waitedMs: number }>();
  private readonly nowMs: () => number;

  /** `nowMs` tells the time in milliseconds from any beginning, such as `performance.now`. */
  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** The same object; each call of a method is timed from its start to its answer. */
  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.timed(() => Reflect.apply(member, object, args));
      },
    });
  }

  /** Runs `work` and answers how long it took, and how much of that it waited; calls within it must not overlap. */
  async measure(work: () => Promise<void>): Promise<{ totalMs: number; waitedMs: number }> {
    const piece = { waitedMs: 0 };
    const startMs = this.nowMs();
    await this.current.run(piece, work);
    return { totalMs: this.nowMs() - startMs, waitedMs: piece.waitedMs };
  }

  private async timed(call: () => unknown): Promise<unknown> {
    const startMs = this.nowMs();
    try {
      return await call();
    } finally {
      const piece = this.current.getStore();
      if (piece) piece.waitedMs += this.nowMs() - startMs;
    }
  }
}
