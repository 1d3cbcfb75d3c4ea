import type { Clock } from '../clock.ts';
import type { Leases } from './leases.ts';

/** Asks whether a lease is held at most once in `freshMs`, for callers that only want a hint. */
export function cachedLeases(leases: Pick<Leases, 'isHeld'>, clock: Clock, freshMs = 1_000): Pick<Leases, 'isHeld'> {
  const answers = new Map<string, { askedAtMs: number; held: Promise<boolean> }>();
  return {
    isHeld(hub) {
      const known = answers.get(hub);
      if (known && clock.now() - known.askedAtMs < freshMs) return known.held;
      const held = leases.isHeld(hub);
      const answer = { askedAtMs: clock.now(), held };
      answers.set(hub, answer);
      held.catch(() => {
        if (answers.get(hub) === answer) answers.delete(hub); // told to its callers; the next one asks again
      });
      return held;
    },
  };
}
