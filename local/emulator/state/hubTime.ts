import type { Clock } from '../../../shared/clock.ts';
import { type Micros, microsOf, msOf, never } from '../wire/timeText.ts';

/** The hub's own clock: no two readings are alike, so that generation ids are unique. */
export class HubTime {
  private readonly clock: Clock;
  private last: Micros = never;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  nowMs(): number {
    return this.clock.now();
  }

  /** The present moment, and always later than the one given before. */
  next(): Micros {
    this.last = Math.max(microsOf(this.clock.now()), this.last + 1);
    return this.last;
  }

  /** Whether `delayMs` are over since `moment`. To the millisecond: readings within one are told apart by microseconds. */
  hasPassed(moment: Micros, delayMs: number): boolean {
    return delayMs === 0 || this.clock.now() >= Math.floor(msOf(moment)) + delayMs;
  }
}
