/**
 * A change that fails by itself, while the hub serves others, is tried again after these delays. Together they take less than
 * a minute, so that one device does not keep a run from its end; what still fails then is left to the next sweep.
 */
export const failureDelaysMs: readonly number[] = [2_000, 5_000, 10_000, 20_000];

/** Whether a change may be tried again. A time further ahead than any delay is of a clock that was wrong. */
export function isDue(retryAtMs: number | undefined, nowMs: number): boolean {
  return retryAtMs === undefined || retryAtMs <= nowMs || retryAtMs > nowMs + Math.max(...failureDelaysMs);
}

/** How long to wait after this many failures; undefined: it is given up. */
export function delayAfterFailuresMs(failures: number): number | undefined {
  return failureDelaysMs[failures - 1];
}
