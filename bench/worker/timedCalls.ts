import { AsyncLocalStorage } from 'node:async_hooks';

/** Measures for each operation how long it waited for calls of wrapped objects. */
export class TimedCalls {
  private readonly current = new AsyncLocalStorage<{ waitedMs: number }>();
  private readonly nowMs: () => number;

  /** `nowMs` returns a time in milliseconds, as `performance.now` does. */
  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** Returns a proxy of `target`; each call of a method is timed until its promise resolves or rejects. */
  wrap<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, name) => {
        const member: unknown = Reflect.get(object, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.timed(() => Reflect.apply(member, object, args));
      },
    });
  }

  /** Runs `operation`. Returns its duration and how much of it was waiting. Calls within one operation must not overlap. */
  async measure(operation: () => Promise<void>): Promise<{ totalMs: number; waitedMs: number }> {
    const times = { waitedMs: 0 };
    const startMs = this.nowMs();
    await this.current.run(times, operation);
    return { totalMs: this.nowMs() - startMs, waitedMs: times.waitedMs };
  }

  private async timed(call: () => unknown): Promise<unknown> {
    const startMs = this.nowMs();
    try {
      return await call();
    } finally {
      const times = this.current.getStore();
      if (times) times.waitedMs += this.nowMs() - startMs;
    }
  }
}
