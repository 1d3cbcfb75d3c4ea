import type { Clock } from '../clock.ts';
import { cachedByHub } from './cachedByHub.ts';
import type { Leases } from './leases.ts';

/** Asks whether a lease is held at most once in `freshMs`, for callers that only want a hint. */
export function cachedLeases(leases: Pick<Leases, 'isHeld'>, clock: Clock, freshMs = 1_000): Pick<Leases, 'isHeld'> {
  return { isHeld: cachedByHub((hub) => leases.isHeld(hub), clock, freshMs) };
}
