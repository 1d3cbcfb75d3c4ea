import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';

/** Share of the hub's registry limit that one process's doors may use besides the worker (design section 5). */
const intakeShare = 0.05;
const maxConcurrency = 5;
const minuteMs = 60_000;
/** A call of the doors takes some tenths of a second, and is cut off after five. */
const fullRetryMs = 1_000;
/** Tokens are sums of fractions: what is missing of one by rounding must not keep anybody out. */
const rounding = 1e-9;

/** The small budget from which events and HTTP calls are served at once; who gets no place takes the queue. */
export class IntakeBucket {
  private readonly clock: Clock;
  private readonly perMinute: number;
  private readonly capacity: number;
  private tokens: number;
  private filledAtMs: number;
  private inside = 0;

  constructor(hub: HubConfig, clock: Clock) {
    this.clock = clock;
    this.perMinute = hub.limits.registryOpsPerMinute * intakeShare;
    this.capacity = Math.max(1, this.perMinute);
    this.tokens = this.capacity;
    this.filledAtMs = clock.now();
  }

  /** A place for one piece of work that costs `cost` registry operations; undefined when we hold ourselves back. */
  tryEnter(cost: number): { leave(): void } | undefined {
    this.refill();
    // A policy with more specs than the bucket holds must still get in when the bucket is full; it goes into debt.
    if (this.inside >= maxConcurrency || this.missing(cost) > 0) return undefined;
    this.tokens -= cost;
    this.inside += 1;
    let left = false;
    return {
      leave: () => {
        if (!left) this.inside -= 1;
        left = true;
      },
    };
  }

  /** How long until a place for `cost` operations is free, if nobody else takes it first. */
  retryAfterMs(cost: number): number {
    this.refill();
    const payMs = Math.ceil((this.missing(cost) / this.perMinute) * minuteMs);
    return this.inside >= maxConcurrency ? Math.max(payMs, fullRetryMs) : payMs;
  }

  private refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAtMs) * this.perMinute) / minuteMs);
    this.filledAtMs = now;
  }

  private missing(cost: number): number {
    const missing = Math.min(cost, this.capacity) - this.tokens;
    return cost > 0 && missing > rounding ? missing : 0; // work without registry operations waits for no debt
  }
}
