import type { Clock } from '../../shared/clock.ts';

interface Sleeper {
  wakeAt: number;
  wake: () => void;
}

/** A clock whose time only changes by `advance` and `run`. */
export class FakeClock implements Clock {
  private nowMs: number;
  private sleepers: Sleeper[] = [];

  constructor(startMs = Date.parse('2026-11-23T02:00:00Z')) {
    this.nowMs = startMs;
  }

  now(): number {
    return this.nowMs;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = { wakeAt: this.nowMs + Math.max(0, delayMs), wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal.reason);
      });
    });
  }

  /** Advances the time by `ms`. Each sleeper wakes at its own time, and its promise callbacks run before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    await runCallbacks();
    for (let next = this.nextSleeper(); next && next.wakeAt <= until; next = this.nextSleeper()) {
      this.wake(next);
      await runCallbacks();
    }
    this.nowMs = until;
  }

  /** Returns the result of `promise`. While it is pending, the time jumps from sleeper to sleeper. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const finished = promise.finally(() => {
      done = true;
    });
    finished.catch(() => undefined); // the caller gets `finished` and handles its rejection
    while (!done) {
      await runCallbacks();
      const next = this.nextSleeper();
      if (!done && next) this.wake(next);
    }
    return finished;
  }

  private nextSleeper(): Sleeper | undefined {
    return this.sleepers.reduce<Sleeper | undefined>(
      (first, other) => (!first || other.wakeAt < first.wakeAt ? other : first),
      undefined,
    );
  }

  private wake(sleeper: Sleeper): void {
    this.sleepers = this.sleepers.filter((other) => other !== sleeper);
    this.nowMs = Math.max(this.nowMs, sleeper.wakeAt);
    sleeper.wake();
  }
}

/** Resolves after all promise callbacks that can run, and those that they cause, have run. */
function runCallbacks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
