/**
 * A change that fails while the hub serves other changes is tried again after these delays. Together they take less than a
 * minute, so that one device does not delay the end of a run. A change that still fails is left to the next sweep.
 */
export const failureDelaysMs: readonly number[] = [2_000, 5_000, 10_000, 20_000];

/** Whether a change may be tried again. A time further ahead than any delay comes from a wrong clock, and is ignored. */
export function isDue(retryAtMs: number | undefined, nowMs: number): boolean {
  return retryAtMs === undefined || retryAtMs <= nowMs || retryAtMs > nowMs + Math.max(...failureDelaysMs);
}

/** The delay before the next try after this many failures; undefined if the change is given up. */
export function delayAfterFailuresMs(failures: number): number | undefined {
  return failureDelaysMs[failures - 1];
}
