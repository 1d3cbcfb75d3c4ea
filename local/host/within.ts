import type { Clock } from '../../shared/clock.ts';

/** Resolves when `work` has resolved, or after `ms` milliseconds. Rejects if `work` rejects before that. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([work, clock.sleep(ms, over.signal).catch(() => undefined)]);
  } finally {
    over.abort();
  }
}
