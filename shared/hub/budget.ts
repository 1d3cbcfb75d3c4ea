import { abortable } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { type Spending, SpendingWindow, windowMs } from './spendingWindow.ts';

/** After a throttle answer the rate halves, but never below this part of what was granted. */
const slowestPart = 1 / 32;
/** While nothing is throttled the rate climbs by this part of what was granted, every `climbEveryMs`. */
const climbPart = 0.05;
const climbEveryMs = 30_000;
/**
 * Unused budget that may be caught up with, so that a call's own duration does not count twice; or what the call itself
 * costs, where that is more.
 */
const catchUpMs = 10_000;

/** An answer is late when it takes so many times the usual time, but never below `neverLateMs`. */
const lateFactor = 4;
/** While it shaped traffic, a hub was seen to answer single reads after 3.2 s at most; bulk calls take longer anyway. */
const neverLateMs = 3_000;
const lateRatePart = 0.8;
const lateEveryMs = 10_000;
const answerWeight = 0.1;
const answerSlack = 1.5;
/** Until a hub has answered: a bulk call of 100 took 0.9 s on a live one (Azure-Samples/Iot-Telemetry-Simulator#39). */
const unknownAnswerMs = 900;
/** Far more than an S3 hub with ten units needs; a bound for a hub that hangs. */
const maxConcurrency = 16;

/** Part of a minute's worth that may go unused because calls of one size do not divide it. */
const leftoverPart = 0.01;

/**
 * What the keeper may spend of one operation class of one hub. Calls are spaced evenly, and in no window of 60 s is
 * more spent than the rate of one minute, since that is the range over which hubs count (IoT Hub quotas page). Only a
 * single call that costs more than that by itself is let through, alone in its window.
 */
export class Budget {
  readonly grantedPerMinute: number;
  private readonly clock: Clock;
  private perMinute: number;
  private changedAtMs: number;
  private slowedAtMs = Number.NEGATIVE_INFINITY;
  /** When all that was spent so far is paid for. */
  private paidAtMs: number;
  /** Moving average of how long answers take; outliers count only so far. */
  private usualAnswerMs: number | undefined;
  private readonly window: SpendingWindow;
  /** Settles when everybody who came before has been served or has given up. */
  private lastTurn: Promise<unknown> = Promise.resolve();

  /**
   * Goes on from what was `before`: a rate found out earlier, and what was spent lately. Where nothing was noted within the
   * last minute it starts empty: the first call waits until it is paid for.
   */
  constructor(grantedPerMinute: number, clock: Clock, before: { learnedPerMinute?: number; spending?: Spending } = {}) {
    const { learnedPerMinute = grantedPerMinute, spending } = before;
    const nowMs = clock.now();
    this.grantedPerMinute = grantedPerMinute;
    this.clock = clock;
    this.perMinute = Math.max(grantedPerMinute * slowestPart, Math.min(grantedPerMinute, learnedPerMinute));
    this.window = new SpendingWindow(spending?.lastMinute ?? [], nowMs);
    // What was noted longer ago says nothing of a slice in between that could not hand on what it spent.
    const isFresh = spending !== undefined && nowMs - spending.atMs < windowMs;
    this.paidAtMs = isFresh ? Math.min(nowMs, spending.paidAtMs) : nowMs;
    this.changedAtMs = isFresh ? Math.min(nowMs, spending.rateSinceMs) : nowMs;
  }

  /** Operations a minute at present: what was granted, or less after throttle answers. */
  get ratePerMinute(): number {
    return this.perMinute;
  }

  /**
   * What was spent in the last 60 s, by the budget before too, of what is granted for as long. From 0 to 1; above it after a
   * single call that costs more, or where less is granted than before.
   */
  get usedShare(): number {
    return this.window.total(this.clock.now()) / this.grantedPerMinute;
  }

  /** For the next budget of this class. */
  get spending(): Spending {
    const atMs = this.clock.now();
    return {
      ...{ atMs, paidAtMs: this.paidAtMs, rateSinceMs: this.changedAtMs },
      lastMinute: this.window.entries(atMs),
    };
  }

  /** How many operations `ms` pay for, at least one. */
  worthOf(ms: number): number {
    return Math.max(1, Math.floor((this.perMinute * ms) / windowMs));
  }

  /**
   * How many operations a call should be made of: at most `max`, at most what `ms` pay for, and the largest number that
   * divides a minute's worth with next to nothing left over, since leftovers go unused.
   */
  evenCost(ms: number, max: number): number {
    const minute = Math.floor(this.perMinute);
    let cost = Math.min(max, this.worthOf(ms));
    while (cost > 1 && minute % cost > minute * leftoverPart) cost -= 1;
    return cost;
  }

  /** How many calls of this cost must be under way together, so that waiting for their answers costs no budget. */
  concurrency(cost: number): number {
    const spacingMs = (cost / this.perMinute) * windowMs;
    const answerMs = (this.usualAnswerMs ?? unknownAnswerMs) * answerSlack;
    return Math.min(maxConcurrency, Math.max(1, Math.ceil(answerMs / spacingMs)));
  }

  /**
   * A call was answered after so long. Hubs hold requests back before they refuse any (traffic shaping), so an answer
   * that is late by this hub's own measure slows us down a little, ahead of the 429.
   */
  answered(afterMs: number): void {
    const usualMs = this.usualAnswerMs ?? afterMs;
    this.usualAnswerMs = usualMs + (Math.min(afterMs, usualMs * lateFactor) - usualMs) * answerWeight;
    const isLate = afterMs > Math.max(neverLateMs, usualMs * lateFactor);
    if (isLate && this.clock.now() - this.changedAtMs > lateEveryMs) this.changeRate(lateRatePart);
  }

  /**
   * Resolves when `cost` operations may be sent, in the order of asking, to a function that is to be called when they are.
   * Rejects with the signal's reason.
   */
  async take(cost: number, signal?: AbortSignal): Promise<() => void> {
    const turn = this.lastTurn;
    const { promise: served, resolve: end } = Promise.withResolvers<void>();
    this.lastTurn = turn.then(() => served);
    try {
      await abortable(turn, signal);
      return await this.waitAndSpend(cost, signal);
    } finally {
      end();
    }
  }

  /**
   * The hub said 429 to a call that was sent then: half the pace from here on, also for who is waiting already. Calls that
   * were under way together are one such event.
   */
  slowDown(sentAtMs = this.clock.now()): void {
    if (sentAtMs < this.slowedAtMs) return;
    this.slowedAtMs = this.clock.now();
    this.changeRate(1 / 2);
  }

  private changeRate(factor: number): void {
    this.perMinute = Math.max(this.grantedPerMinute * slowestPart, this.perMinute * factor);
    this.changedAtMs = this.clock.now();
  }

  private async waitAndSpend(cost: number, signal: AbortSignal | undefined): Promise<() => void> {
    const cameAtMs = this.clock.now();
    for (;;) {
      this.climb();
      const priceMs = (cost / this.perMinute) * windowMs;
      const paidAtMs = Math.max(this.paidAtMs, cameAtMs - Math.max(catchUpMs, priceMs)) + priceMs;
      const nowMs = this.clock.now();
      const waitMs = Math.max(paidAtMs, this.window.roomAtMs(nowMs, cost, this.perMinute)) - nowMs;
      if (waitMs <= 0) {
        this.paidAtMs = paidAtMs;
        const spent = this.window.add(nowMs, cost);
        return () => spent(this.clock.now());
      }
      // Looked at again afterwards: the rate may have changed, and timers may go off a little early.
      await this.clock.sleep(waitMs, signal);
    }
  }

  private climb(): void {
    const steps = Math.floor((this.clock.now() - this.changedAtMs) / climbEveryMs);
    if (steps <= 0) return;
    this.changedAtMs += steps * climbEveryMs;
    this.perMinute = Math.min(this.grantedPerMinute, this.perMinute + steps * climbPart * this.grantedPerMinute);
  }
}
