import type { Clock } from './clock.ts';

/** The answer did not come in time. What was asked for may still happen. */
export class TimeLimitError extends Error {
  constructor(what: string, limitMs: number) {
    super(`${what} took longer than ${limitMs / 1000} s.`);
    this.name = 'TimeLimitError';
  }
}

/** What `work` comes to, if that is known within `limitMs`. Throws `TimeLimitError` otherwise; nobody hears of it then. */
export async function within<T>(limitMs: number, what: string, clock: Clock, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  const limit = clock.sleep(limitMs, done.signal).then(
    () => {
      throw new TimeLimitError(what, limitMs);
    },
    () => new Promise<never>(() => {}), // the work was done first
  );
  try {
    return await Promise.race([work(), limit]);
  } finally {
    done.abort();
  }
}
