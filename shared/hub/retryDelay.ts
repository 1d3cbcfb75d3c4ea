import type { Clock, Random } from '../clock.ts';

const longestDelayMs = 60_000;

/** Exponential delay: `firstMs` doubles with every attempt up to 60 s; plus random jitter of up to 100 %, at most 30 s. */
export function retryDelayMs(firstMs: number, attempt: number, random: Random): number {
  const delayMs = Math.min(longestDelayMs, firstMs * 2 ** attempt);
  return delayMs + random() * Math.min(delayMs, longestDelayMs / 2);
}

/** Waits before a retry. `attempt` counts from 0. Rejects with the signal's reason. */
export type Pause = (attempt: number) => Promise<void>;

/** Returns a `Pause` that waits for `retryDelayMs`; it rejects when the signal is aborted. */
export function pauseBy(by: { clock: Clock; random: Random; signal: AbortSignal }, firstMs = 1_000): Pause {
  return (attempt) => by.clock.sleep(retryDelayMs(firstMs, attempt, by.random), by.signal);
}
