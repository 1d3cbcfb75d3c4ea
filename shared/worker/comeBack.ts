import type { HubDocument } from '../run/hubDocument.ts';

/** A hub that serves nobody is left for this long, doubled each time, up to `maxComeBackMs`. */
const firstComeBackMs = 30_000;
const maxComeBackMs = 300_000;

/** A wake-up that is left for a time so close may have come already, and found the lease held. */
export const sureToComeMs = 1_000;

/** How long a hub is left after so many slices in which it served nobody. */
export function comeBackDelayMs(slices: number): number {
  return Math.min(maxComeBackMs, firstComeBackMs * 2 ** slices);
}

/**
 * Milliseconds until the wake-up comes that a worker left for a hub that served nobody, negative after it; undefined if there is
 * none. A time further ahead than any delay was stored by an instance whose clock was wrong, and counts as none.
 */
export function untilComeBackMs(outage: HubDocument['outage'], nowMs: number): number | undefined {
  const untilMs = Date.parse(outage?.comeBackAt ?? '') - nowMs;
  return Number.isNaN(untilMs) || untilMs > maxComeBackMs ? undefined : untilMs;
}
