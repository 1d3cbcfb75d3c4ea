import type { Clock } from '../clock.ts';

const windowMs = 60_000;
/** After a throttle answer the rate halves, but never below this part of what was granted. */
const slowestPart = 1 / 32;
/** While nothing is throttled the rate climbs by this part of what was granted, every `climbEveryMs`. */
const climbPart = 0.05;
const climbEveryMs = 30_000;
/** Unused budget that may be caught up with, so that a call's own duration does not count twice. */
const catchUpMs = 10_000;

/**
 * What the keeper may spend of one operation class of one hub. Calls are spaced evenly, and in no window of 60 s is
 * more spent than the rate of one minute, since that is the range over which hubs count (IoT Hub quotas page).
 */
export class Budget {
  readonly grantedPerMinute: number;
  private readonly clock: Clock;
  private perMinute: number;
  private changedAtMs: number;
  /** When all that was spent so far is paid for at the present rate. */
  private paidAtMs: number;
  private spent: { atMs: number; cost: number }[] = [];

  /** Starts empty: the first call waits until it is paid for. `learnedPerMinute` is a rate found out earlier. */
  constructor(grantedPerMinute: number, clock: Clock, learnedPerMinute = grantedPerMinute) {
    this.grantedPerMinute = grantedPerMinute;
    this.clock = clock;
    this.perMinute = Math.max(grantedPerMinute * slowestPart, Math.min(grantedPerMinute, learnedPerMinute));
    this.changedAtMs = clock.now();
    this.paidAtMs = clock.now();
  }

  /** Operations a minute at present: what was granted, or less after throttle answers. */
  get ratePerMinute(): number {
    return this.perMinute;
  }

  /** How many operations `ms` pay for, at least one. */
  worthOf(ms: number): number {
    return Math.max(1, Math.floor((this.perMinute * ms) / windowMs));
  }

  /**
   * How many operations a call should be made of, at most `max` and at most what `ms` pay for: the largest number from
   * half of that upwards that divides a minute's worth with the least left over, since leftovers go unused.
   */
  evenCost(ms: number, max: number): number {
    const most = Math.min(max, this.worthOf(ms));
    const minute = Math.floor(this.perMinute);
    let best = most;
    for (let cost = most; cost >= Math.ceil(most / 2); cost--) {
      if (minute % cost < minute % best) best = cost;
    }
    return best;
  }

  /** Resolves when `cost` operations may be sent; at most a minute's worth at once. Rejects with the signal's reason. */
  async take(cost: number, signal?: AbortSignal): Promise<void> {
    this.climb();
    const now = this.clock.now();
    this.paidAtMs = Math.max(now - catchUpMs, this.paidAtMs) + (cost / this.perMinute) * windowMs;
    const startAtMs = Math.max(now, this.paidAtMs, this.windowHasRoomAtMs(cost));
    this.paidAtMs = Math.max(this.paidAtMs, startAtMs - catchUpMs);
    this.spent.push({ atMs: startAtMs, cost });
    if (startAtMs > now) await this.clock.sleep(startAtMs - now, signal);
  }

  /** The hub said 429: half the pace from here on. */
  slowDown(): void {
    this.perMinute = Math.max(this.grantedPerMinute * slowestPart, this.perMinute / 2);
    this.changedAtMs = this.clock.now();
  }

  private climb(): void {
    const steps = Math.floor((this.clock.now() - this.changedAtMs) / climbEveryMs);
    if (steps <= 0) return;
    this.changedAtMs += steps * climbEveryMs;
    this.perMinute = Math.min(this.grantedPerMinute, this.perMinute + steps * climbPart * this.grantedPerMinute);
  }

  private windowHasRoomAtMs(cost: number): number {
    const now = this.clock.now();
    this.spent = this.spent.filter(({ atMs }) => atMs > now - windowMs);
    let over = this.spent.reduce((sum, entry) => sum + entry.cost, cost) - Math.max(this.perMinute, cost);
    let roomAtMs = now;
    for (const entry of this.spent) {
      if (over <= 0) break;
      over -= entry.cost;
      roomAtMs = entry.atMs + windowMs;
    }
    return roomAtMs;
  }
}
