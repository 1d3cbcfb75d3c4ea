import type { Clock } from '../clock.ts';
import { type Spending, SpendingWindow, windowMs } from './spendingWindow.ts';
import { type Priority, type Turn, TurnQueue } from './turnQueue.ts';

/** A throttled response halves the rate, but never below this part of the granted rate. */
const slowestPart = 1 / 32;
/** Without throttled responses the rate grows by this part of the granted rate, every `climbEveryMs`. */
const climbPart = 0.05;
const climbEveryMs = 30_000;
/** A call may use the unused budget of this time before it, or of the time that pays for the call, if that is longer. */
const catchUpMs = 10_000;

/** A response is late when it takes this many times the usual time and more than `neverLateMs`. */
const lateFactor = 4;
/** A live hub under traffic shaping took at most 3.2 s for a single read (observed); bulk calls take longer anyway. */
const neverLateMs = 3_000;
/** A late response multiplies the rate by this, unless the rate has changed within `lateEveryMs`. */
const lateRatePart = 0.8;
const lateEveryMs = 10_000;
/** Weight of the newest response in the moving average. */
const responseWeight = 0.1;
/** The number of concurrent calls allows for responses that take this many times the usual time. */
const responseSlack = 1.5;
/** Used before the first response: a bulk call of 100 took 0.9 s on a live hub (Azure-Samples/Iot-Telemetry-Simulator#39). */
const initialResponseMs = 900;
/** Far more than an S3 hub with ten units needs; bounds the calls to a hub that does not respond. */
const maxConcurrency = 16;

/** Part of a minute's operations that may stay unused because the call size does not divide them evenly. */
const leftoverPart = 0.01;

interface WaitingTurn extends Turn {
  /** When this turn became the next one for the first time. */
  sinceMs?: number;
  resolve(send: () => void): void;
}

/**
 * Rate limiter for one operation class of one hub. Calls are spaced evenly, and no window of 60 s holds more operations
 * than the rate per minute, because hubs count per minute (Microsoft, IoT Hub quotas page). Exception: a single call that
 * costs more than a minute's rate is sent, alone in its window.
 */
export class Budget {
  readonly grantedPerMinute: number;
  private readonly clock: Clock;
  private perMinute: number;
  private changedAtMs: number;
  private slowedAtMs = Number.NEGATIVE_INFINITY;
  /** Time at which the rate has paid for everything spent so far. */
  private paidAtMs: number;
  /** Moving average of response times; outliers are capped. */
  private usualResponseMs: number | undefined;
  private readonly window: SpendingWindow;
  private readonly turns = new TurnQueue<WaitingTurn>();
  private isServing = false;
  /** Aborted to end the wait for the next turn, so that the next turn and its wait are computed again. */
  private wake = new AbortController();

  /**
   * Continues from `before`: the learned rate and the spending that an earlier budget stored. If that spending is missing or
   * older than a minute, the budget starts empty: the first call waits until the rate has paid for it.
   */
  constructor(grantedPerMinute: number, clock: Clock, before: { learnedPerMinute?: number; spending?: Spending } = {}) {
    const { learnedPerMinute = grantedPerMinute } = before;
    const spending = before.spending && withTimes(before.spending, (wallMs) => wallMs - wallAheadMs(clock));
    const nowMs = clock.elapsedMs();
    this.grantedPerMinute = grantedPerMinute;
    this.clock = clock;
    this.perMinute = Math.max(grantedPerMinute * slowestPart, Math.min(grantedPerMinute, learnedPerMinute));
    this.window = new SpendingWindow(spending?.lastMinute ?? [], nowMs);
    // An older entry may miss the spending of a later slice that crashed before it stored its own.
    const isFresh = spending !== undefined && nowMs - spending.atMs < windowMs;
    this.paidAtMs = isFresh ? Math.min(nowMs, spending.paidAtMs) : nowMs;
    this.changedAtMs = isFresh ? Math.min(nowMs, spending.rateSinceMs) : nowMs;
  }

  /** Current rate in operations per minute: the granted rate, or less after throttled or late responses. */
  get ratePerMinute(): number {
    return this.perMinute;
  }

  /**
   * Operations spent in the last 60 s, including those of an earlier budget, divided by the granted rate per minute. From 0 to 1;
   * above 1 after a single call that costs more than a minute's rate, or if the granted rate was lowered.
   */
  get usedShare(): number {
    return this.window.total(this.clock.elapsedMs()) / this.grantedPerMinute;
  }

  /** State for the next budget of this class; see the constructor. */
  get spending(): Spending {
    const atMs = this.clock.elapsedMs();
    const lastMinute = this.window.entries(atMs);
    const spending = { atMs, paidAtMs: this.paidAtMs, rateSinceMs: this.changedAtMs, lastMinute };
    return withTimes(spending, (elapsedMs) => Math.ceil(elapsedMs + wallAheadMs(this.clock)));
  }

  /** Number of operations that the current rate allows in `ms` milliseconds, at least one. */
  worthOf(ms: number): number {
    return Math.max(1, Math.floor((this.perMinute * ms) / windowMs));
  }

  /**
   * Best number of operations per call: at most `max`, at most `worthOf(ms)`, and the largest that divides a minute's
   * operations with a remainder of at most 1 %, because the remainder stays unused.
   */
  evenCost(ms: number, max: number): number {
    const minute = Math.floor(this.perMinute);
    let cost = Math.min(max, this.worthOf(ms));
    while (cost > 1 && minute % cost > minute * leftoverPart) cost -= 1;
    return cost;
  }

  /** Number of calls of this cost that must be in flight so that waiting for responses leaves no budget unused. */
  concurrency(cost: number): number {
    const spacingMs = (cost / this.perMinute) * windowMs;
    const responseMs = (this.usualResponseMs ?? initialResponseMs) * responseSlack;
    return Math.min(maxConcurrency, Math.max(1, Math.ceil(responseMs / spacingMs)));
  }

  /**
   * Records the response time of one call. Hubs delay requests before they refuse any (traffic shaping, IoT Hub quotas page),
   * so a late response lowers the rate by a fifth, before a 429 halves it.
   */
  recordResponseTime(tookMs: number): void {
    const usualMs = this.usualResponseMs ?? tookMs;
    this.usualResponseMs = usualMs + (Math.min(tookMs, usualMs * lateFactor) - usualMs) * responseWeight;
    const isLate = tookMs > Math.max(neverLateMs, usualMs * lateFactor);
    if (isLate && this.clock.elapsedMs() - this.changedAtMs > lateEveryMs) this.changeRate(lateRatePart);
  }

  /**
   * Resolves when `cost` operations may be sent, in the order of `TurnQueue`. The caller must call the returned function when
   * it sends them. Rejects with the signal's reason.
   */
  async take(cost: number, signal?: AbortSignal, priority: Priority = 'normal'): Promise<() => void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const turn: WaitingTurn = { cost, priority, resolve };
    const giveUp = () => {
      this.turns.remove(turn);
      this.wake.abort();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', giveUp);
    this.turns.add(turn);
    if (this.isServing)
      this.wake.abort(); // this turn may come before the turn that is waited for
    else void this.serve();
    try {
      return await promise;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** Whether single devices wait for operations at this moment, so that a sweep must wait. */
  get servesDevicesFirst(): boolean {
    return this.turns.hasHigh;
  }

  /**
   * Halves the rate after a 429 to a call that was sent at `sentAtMs`, also for callers that already wait. Several 429s to calls
   * that were in flight together halve the rate once.
   */
  slowDown(sentAtMs = this.clock.elapsedMs()): void {
    if (sentAtMs < this.slowedAtMs) return;
    this.slowedAtMs = this.clock.elapsedMs();
    this.changeRate(1 / 2);
  }

  private changeRate(factor: number): void {
    this.perMinute = Math.max(this.grantedPerMinute * slowestPart, this.perMinute * factor);
    this.changedAtMs = this.clock.elapsedMs();
  }

  /** Serves the waiting callers one after the other. Never rejects: `take` rejects for a caller whose signal is aborted. */
  private async serve(): Promise<void> {
    this.isServing = true;
    for (let turn = this.turns.next; turn; turn = this.turns.next) {
      turn.sinceMs ??= this.clock.elapsedMs();
      const waitMs = this.waitMsFor(turn.cost, turn.sinceMs);
      if (waitMs > 0) {
        await this.sleepUnlessWoken(waitMs);
        continue; // the rate or the order may have changed, and timers may fire slightly early
      }
      this.turns.served(turn);
      this.turns.remove(turn);
      turn.resolve(this.spend(turn.cost, turn.sinceMs));
    }
    this.isServing = false;
  }

  private async sleepUnlessWoken(waitMs: number): Promise<void> {
    this.wake = new AbortController();
    const { signal } = this.wake;
    try {
      await this.clock.sleep(waitMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  private waitMsFor(cost: number, sinceMs: number): number {
    this.climb();
    const nowMs = this.clock.elapsedMs();
    return Math.max(this.paidAtAfter(cost, sinceMs), this.window.roomAtMs(nowMs, cost, this.perMinute)) - nowMs;
  }

  private spend(cost: number, sinceMs: number): () => void {
    this.paidAtMs = this.paidAtAfter(cost, sinceMs);
    const spent = this.window.add(this.clock.elapsedMs(), cost);
    return () => spent(this.clock.elapsedMs());
  }

  private paidAtAfter(cost: number, sinceMs: number): number {
    const priceMs = (cost / this.perMinute) * windowMs;
    return Math.max(this.paidAtMs, sinceMs - Math.max(catchUpMs, priceMs)) + priceMs;
  }

  private climb(): void {
    const steps = Math.floor((this.clock.elapsedMs() - this.changedAtMs) / climbEveryMs);
    if (steps <= 0) return;
    this.changedAtMs += steps * climbEveryMs;
    this.perMinute = Math.min(this.grantedPerMinute, this.perMinute + steps * climbPart * this.grantedPerMinute);
  }
}

/** The difference between stored times (Unix time) and the times of a budget (`elapsedMs`). */
function wallAheadMs(clock: Clock): number {
  return clock.now() - clock.elapsedMs();
}

function withTimes({ atMs, paidAtMs, rateSinceMs, lastMinute }: Spending, shift: (timeMs: number) => number): Spending {
  return {
    atMs: shift(atMs),
    paidAtMs: shift(paidAtMs),
    rateSinceMs: shift(rateSinceMs),
    lastMinute: lastMinute.map(([spentAtMs, cost]) => [shift(spentAtMs), cost]),
  };
}
