import type { Clock } from '../../shared/clock.ts';

interface Sleeper {
  wakeAt: number;
  wake: () => void;
}

/** A clock that stands still until told otherwise. `run` drives a promise to its end, skipping every sleep in it. */
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

  /** Moves time on by `ms`, waking each sleeper at its own moment and letting what it does settle in between. */
  async advance(ms: number): Promise<void> {
    const until = this.nowMs + ms;
    await settle();
    for (let next = this.nextSleeper(); next && next.wakeAt <= until; next = this.nextSleeper()) {
      this.wake(next);
      await settle();
    }
    this.nowMs = until;
  }

  /** Runs `work` to its end; whenever nothing else is left to do, time jumps to the next sleeper. */
  async run<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const finished = work.finally(() => {
      done = true;
    });
    finished.catch(() => undefined); // reported by the caller, who gets `finished` itself
    while (!done) {
      await settle();
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

/** Lets all promise callbacks that are ready run, and those that they make ready. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
