import type { Clock } from '../clock.ts';
import { cachedByHub } from './cachedByHub.ts';
import type { Leases } from './leases.ts';

/** Caches `isHeld` for `freshMs`, for callers that do not need the exact state. */
export function cachedLeases(leases: Pick<Leases, 'isHeld'>, clock: Clock, freshMs = 1_000): Pick<Leases, 'isHeld'> {
  return { isHeld: cachedByHub((hub) => leases.isHeld(hub), clock, freshMs) };
}
