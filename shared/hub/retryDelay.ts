import type { Clock, Random } from '../clock.ts';

const longestDelayMs = 60_000;

/** Doubles with every attempt up to a minute, and up to as much again by chance, so that callers do not march in step. */
export function retryDelayMs(firstMs: number, attempt: number, random: Random): number {
  const delayMs = Math.min(longestDelayMs, firstMs * 2 ** attempt);
  return delayMs + random() * Math.min(delayMs, longestDelayMs / 2);
}

/** Waits before another attempt, counted from 0; rejects with the signal's reason. */
export type Pause = (attempt: number) => Promise<void>;

export function pauseBy(by: { clock: Clock; random: Random; signal: AbortSignal }, firstMs = 1_000): Pause {
  return (attempt) => by.clock.sleep(retryDelayMs(firstMs, attempt, by.random), by.signal);
}
