import type { Clock } from './clock.ts';

/** Settles as `promise` does, or rejects with the reason of `signal` when it is aborted first. Does not cancel `promise`. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal?.reason);
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop);
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The work took longer than its time limit. The work is not cancelled and may still complete. */
export class TimeLimitError extends Error {
  constructor(what: string, limitMs: number) {
    super(`${what} took longer than ${limitMs / 1000} s.`);
    this.name = 'TimeLimitError';
  }
}

/** Options of `withTimeout`. */
export interface TimeLimit {
  limitMs: number;
  /** Subject of the error message, such as `Sending the wake-up`. */
  what: string;
  clock: Clock;
  /** Creates the error to throw in place of `TimeLimitError`. */
  onTimeout?: () => Error;
}

/** One shared reason: `abort()` without a reason creates a `DOMException` with a stack, which is slow. */
const workEnded = new Error('The work ended within its time.');

/**
 * Resolves with the result of `work`. After `limitMs` throws `TimeLimitError`, or the error that `onTimeout` creates, and
 * aborts the signal that was passed to `work` with that error as the reason.
 */
export async function withTimeout<T>(limit: TimeLimit, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { limitMs, what, clock, onTimeout = () => new TimeLimitError(what, limitMs) } = limit;
  const timer = new AbortController();
  const waiting = new AbortController();
  const timedOut = clock.sleep(limitMs, timer.signal).then(
    () => {
      const error = onTimeout();
      waiting.abort(error);
      throw error;
    },
    (error: unknown) => {
      if (!timer.signal.aborted) throw error;
      return new Promise<never>(() => {}); // `work` ended first
    },
  );
  try {
    return await Promise.race([work(waiting.signal), timedOut]);
  } finally {
    timer.abort(workEnded);
  }
}
