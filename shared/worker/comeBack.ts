import type { HubDocument } from '../run/hubDocument.ts';

/** Delay of the wake-up after the first slice in which the hub served no call; each further such slice doubles it. */
const firstComeBackMs = 30_000;
const maxComeBackMs = 300_000;

/** A delayed wake-up counts as still to come only if it is due later than this: an earlier one may have found the lease held. */
export const sureToComeMs = 1_000;

/** Delay of the next wake-up. `slicesBefore`: the number of slices in a row, before this one, in which the hub served no call. */
export function comeBackDelayMs(slicesBefore: number): number {
  return Math.min(maxComeBackMs, firstComeBackMs * 2 ** slicesBefore);
}

/**
 * Milliseconds until the delayed wake-up of an outage is due, negative after that; undefined if there is none. A time that is
 * further ahead than the longest delay was stored by an instance with a wrong clock, and is ignored.
 */
export function untilComeBackMs(outage: HubDocument['outage'], nowMs: number): number | undefined {
  const untilMs = Date.parse(outage?.comeBackAt ?? '') - nowMs;
  return Number.isNaN(untilMs) || untilMs > maxComeBackMs ? undefined : untilMs;
}
