import type { HubLimits } from '../../../shared/config/config.ts';
import type { HubRefusal } from '../wire/hubRefusal.ts';
import { type ThrottleCode, throttled } from '../wire/refusals.ts';

/** The kinds of operations that a hub throttles separately. */
export type ThrottleClass = 'registry' | 'query' | 'twinRead' | 'twinWrite' | 'jobs';

export const throttleClasses: readonly ThrottleClass[] = ['registry', 'query', 'twinRead', 'twinWrite', 'jobs'];

/** How a throttle handles load above the limit. */
export interface ThrottleRules {
  /** Burst size: how many minutes' worth of operations an idle hub serves at once. */
  burstMinutes: number;
  /** Longest delay of an operation; one that would have to wait longer gets a 429 after this time. */
  queueTimeoutMs: number;
  /** How many operations of one class may wait; more are refused at once. */
  queueLimit: number;
}

/** How long an operation must wait, and the error that refuses it after that time; undefined if it is then served. */
export type Admission = { delayMs: number; refusedWith: ThrottleCode | undefined };

/** The operation type in the text of a 429. `CRUD` was seen on live hubs; the other names are guesses. */
const operationTypes: Readonly<Record<ThrottleClass, string>> = {
  registry: 'CRUD',
  query: 'Query',
  twinRead: 'TwinRead',
  twinWrite: 'TwinWrite',
  jobs: 'Jobs',
};

/**
 * The hub's throttles with traffic shaping: load above the limit is first served from the burst, then delayed to the
 * limit rate, then refused. One token bucket for each class; its balance may become negative, and later operations wait
 * until it is paid back.
 */
export class Throttle {
  private readonly buckets: Readonly<Record<ThrottleClass, Bucket>>;

  constructor(limits: HubLimits, rules: ThrottleRules, nowMs: number) {
    const bucket = (opsPerMinute: number) => new Bucket(opsPerMinute, rules, nowMs);
    this.buckets = {
      registry: bucket(limits.registryOpsPerMinute),
      query: bucket(limits.queriesPerMinute),
      twinRead: bucket(limits.twinReadsPerSecond * 60),
      twinWrite: bucket(limits.twinWritesPerSecond * 60),
      // On every tier the limit of jobs operations is that of the registry (Microsoft: quotas and throttling).
      jobs: bucket(limits.registryOpsPerMinute),
    };
  }

  /** Takes `cost` operations. The caller waits `delayMs` in either case, then serves or refuses the operation. */
  admit(throttleClass: ThrottleClass, cost: number, nowMs: number): Admission {
    return this.buckets[throttleClass].take(cost, nowMs);
  }

  refusal(code: ThrottleCode, throttleClass: ThrottleClass): HubRefusal {
    return throttled(code, operationTypes[throttleClass]);
  }
}

class Bucket {
  private readonly opsPerMs: number;
  private readonly capacity: number;
  private readonly rules: ThrottleRules;
  private tokens: number;
  private filledAtMs: number;
  /** When each delayed operation leaves the queue. */
  private leavesAtMs: number[] = [];

  constructor(opsPerMinute: number, rules: ThrottleRules, nowMs: number) {
    this.opsPerMs = opsPerMinute / 60_000;
    this.capacity = opsPerMinute * rules.burstMinutes;
    this.rules = rules;
    this.tokens = this.capacity;
    this.filledAtMs = nowMs;
  }

  take(cost: number, nowMs: number): Admission {
    this.tokens = Math.min(this.capacity, this.tokens + Math.max(0, nowMs - this.filledAtMs) * this.opsPerMs);
    this.filledAtMs = nowMs;
    this.leavesAtMs = this.leavesAtMs.filter((leavesAtMs) => leavesAtMs > nowMs);
    const delayMs = Math.ceil(Math.max(0, cost - this.tokens) / this.opsPerMs);
    if (delayMs === 0) {
      this.tokens -= cost;
      return { delayMs, refusedWith: undefined };
    }
    if (this.leavesAtMs.length >= this.rules.queueLimit) {
      return { delayMs: 0, refusedWith: 'ThrottleBacklogLimitExceeded' };
    }
    if (delayMs > this.rules.queueTimeoutMs) {
      this.leavesAtMs.push(nowMs + this.rules.queueTimeoutMs);
      return { delayMs: this.rules.queueTimeoutMs, refusedWith: 'ThrottlingBacklogTimeout' };
    }
    this.tokens -= cost;
    this.leavesAtMs.push(nowMs + delayMs);
    return { delayMs, refusedWith: undefined };
  }
}
