/** Gives the time and waits. Passed as an argument, so that tests set the time and never wait. */
export interface Clock {
  /** Returns milliseconds since 1970-01-01T00:00Z. */
  now(): number;
  /**
   * Returns milliseconds since a fixed moment, for durations, rates and deadlines within this process. Unlike `now`, the value
   * never decreases, and a correction of the system time does not change it.
   */
  elapsedMs(): number;
  /** Resolves after `delayMs`; rejects with the reason of `signal` when it is aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** Returns a clock whose `now` is `nowMs` at the time of this call and then advances with `clock`. */
export function clockFrom(clock: Clock, nowMs: number): Clock {
  const startMs = clock.elapsedMs();
  return {
    now: () => nowMs + clock.elapsedMs() - startMs,
    elapsedMs: () => clock.elapsedMs(),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  };
}

/** Returns a number in [0, 1), as `Math.random` does. */
export type Random = () => number;

/** The clock and the timers of the system. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsedMs: () => performance.now(),
  // `timers/promises` creates an error with a stack for each abort, and most sleeps are time limits that are aborted.
  sleep: (delayMs, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', stop, { once: true });
    return promise;
  },
};
