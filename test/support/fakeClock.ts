import type { Clock } from '../../shared/clock.ts';

interface Sleeper {
  wakeAt: number;
  wake: () => void;
}

/** A clock whose time only changes by `advance` and `run`, and the time of day also by `setBack`. */
export class FakeClock implements Clock {
  private passedMs = 0;
  /** The time of day when `elapsedMs` was 0. */
  private originMs: number;
  /** In the order of their calls: of those with the same time, the first one wakes first. */
  private readonly sleepers = new Set<Sleeper>();

  constructor(startMs = Date.parse('2026-11-23T02:00:00Z')) {
    this.originMs = startMs;
  }

  now(): number {
    return this.originMs + this.passedMs;
  }

  elapsedMs(): number {
    return this.passedMs;
  }

  /** Sets the time of day back, or with a negative number forward, as a time server does. Sleepers do not notice. */
  setBack(ms: number): void {
    this.originMs -= ms;
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const giveUp = () => {
        this.sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        // Node keeps a signal of `AbortSignal.any` in memory as long as it has a listener, and with it all of a test's objects.
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const sleeper: Sleeper = { wakeAt: this.passedMs + Math.max(0, delayMs), wake };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  /** Advances the time by `ms`. Each sleeper wakes at its own time, and its promise callbacks run before the next one wakes. */
  async advance(ms: number): Promise<void> {
    const until = this.passedMs + ms;
    await runCallbacks();
    for (let next = this.nextSleeper(); next && next.wakeAt <= until; next = this.nextSleeper()) {
      this.wake(next);
      await runCallbacks();
    }
    this.passedMs = until;
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
    let first: Sleeper | undefined;
    for (const sleeper of this.sleepers) if (!first || sleeper.wakeAt < first.wakeAt) first = sleeper;
    return first;
  }

  private wake(sleeper: Sleeper): void {
    this.sleepers.delete(sleeper);
    this.passedMs = Math.max(this.passedMs, sleeper.wakeAt);
    sleeper.wake();
  }
}

/** Resolves after all promise callbacks that can run, and those that they cause, have run. */
function runCallbacks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
