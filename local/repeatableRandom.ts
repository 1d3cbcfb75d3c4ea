import type { Random } from '../shared/clock.ts';

/**
 * A seeded generator: Mulberry32 by Tommy Ettinger (public domain), uniform enough for tests, equal on every machine.
 */
export function repeatableRandom(seed = 1): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
