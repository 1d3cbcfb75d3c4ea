import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';

/** Share of the hub's registry limit that one process's doors may use besides the worker (design section 5). */
const doorShare = 0.05;
const maxAtOnce = 5;
const minuteMs = 60_000;

/** The small budget from which events and HTTP calls are served at once; who gets no place takes the queue. */
export class DoorBucket {
  private readonly clock: Clock;
  private readonly perMinute: number;
  private readonly capacity: number;
  private tokens: number;
  private filledAtMs: number;
  private inside = 0;

  constructor(hub: HubConfig, clock: Clock) {
    this.clock = clock;
    this.perMinute = hub.limits.registryOpsPerMinute * doorShare;
    this.capacity = Math.max(1, this.perMinute);
    this.tokens = this.capacity;
    this.filledAtMs = clock.now();
  }

  /** A place for one piece of work that costs `cost` registry operations; undefined when we hold ourselves back. */
  tryEnter(cost: number): { leave(): void } | undefined {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + ((now - this.filledAtMs) * this.perMinute) / minuteMs);
    this.filledAtMs = now;
    // A policy with more specs than the bucket holds must still get in when the bucket is full.
    if (this.inside >= maxAtOnce || this.tokens < Math.min(cost, this.capacity)) return undefined;
    this.tokens -= Math.min(cost, this.tokens);
    this.inside += 1;
    return {
      leave: () => {
        this.inside -= 1;
      },
    };
  }

  /** How long until a place for `cost` operations is free, if nobody else takes it first. */
  retryAfterMs(cost: number): number {
    const missing = Math.max(0, Math.min(cost, this.capacity) - this.tokens);
    return Math.ceil((missing / this.perMinute) * minuteMs);
  }
}
