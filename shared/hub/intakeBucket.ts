import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';

/**
 * Share of the hub's registry limit that the intake of one process may use beside the worker: small, because every process
 * of the app has its own bucket.
 */
const intakeShare = 0.05;
const maxConcurrency = 5;
const minuteMs = 60_000;
/** Retry delay while all slots are in use: an intake takes some tenths of a second, at most 5 s (`tryNow`). */
const slotRetryMs = 1_000;
/** Tolerance for rounding errors in the sum of token fractions. */
const rounding = 1e-9;

/** Token bucket with at most five slots, for events and HTTP calls that are served at once. */
export class IntakeBucket {
  private readonly clock: Clock;
  private readonly perMinute: number;
  private readonly capacity: number;
  private tokens: number;
  private filledAtMs: number;
  private slotsInUse = 0;

  constructor(hub: HubConfig, clock: Clock) {
    this.clock = clock;
    this.perMinute = hub.limits.registryOpsPerMinute * intakeShare;
    this.capacity = Math.max(1, this.perMinute);
    this.tokens = this.capacity;
    this.filledAtMs = clock.now();
  }

  /** Takes a slot and `cost` tokens (registry operations); undefined if there are too few. The caller must release the slot. */
  tryAcquire(cost: number): { release(): void } | undefined {
    this.refill();
    // A policy with more specs than the bucket holds may start when the bucket is full; the balance becomes negative.
    if (this.slotsInUse >= maxConcurrency || this.missing(cost) > 0) return undefined;
    this.tokens -= cost;
    this.slotsInUse += 1;
    let released = false;
    return {
      release: () => {
        if (!released) this.slotsInUse -= 1;
        released = true;
      },
    };
  }

  /** Milliseconds until `tryAcquire(cost)` may succeed, if nobody else takes tokens first. */
  retryAfterMs(cost: number): number {
    this.refill();
    const payMs = Math.ceil((this.missing(cost) / this.perMinute) * minuteMs);
    return this.slotsInUse >= maxConcurrency ? Math.max(payMs, slotRetryMs) : payMs;
  }

  private refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAtMs) * this.perMinute) / minuteMs);
    this.filledAtMs = now;
  }

  private missing(cost: number): number {
    const missing = Math.min(cost, this.capacity) - this.tokens;
    return cost > 0 && missing > rounding ? missing : 0; // reads cost no registry operations, so a negative balance does not stop them
  }
}
