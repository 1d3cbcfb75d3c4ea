import type { Clock } from '../../../shared/clock.ts';
import { type Micros, microsOf, msOf, never } from '../wire/timeText.ts';

/** The hub's clock with microseconds. `next` never returns the same value twice, so that generation ids are unique. */
export class HubTime {
  private readonly clock: Clock;
  private last: Micros = never;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  nowMs(): number {
    return this.clock.now();
  }

  /** The current time, but always later than the previous result. */
  next(): Micros {
    this.last = Math.max(microsOf(this.clock.now()), this.last + 1);
    return this.last;
  }

  /**
   * Whether `delayMs` have passed since `moment`. Compares milliseconds, since `next` may run ahead by microseconds.
   */
  hasPassed(moment: Micros, delayMs: number): boolean {
    return delayMs === 0 || this.clock.now() >= Math.floor(msOf(moment)) + delayMs;
  }
}
