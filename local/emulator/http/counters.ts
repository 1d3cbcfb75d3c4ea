import type { DailyMessageQuota } from '../limits/dailyMessageQuota.ts';
import { type ThrottleClass, throttleClasses } from '../limits/throttle.ts';
import { operations } from './routes.ts';

/** How often something was answered with each status; `none` where no answer came. */
interface ByStatus {
  [status: string]: number;
}

/** What the hub was asked and what it answered, since it started. */
export interface CounterReport {
  /** Requests by operation and then by status, `{"putModule":{"200":7}}`. */
  requests: { [operation: string]: ByStatus };
  /** The same by class of the throttles. */
  requestsByClass: Record<ThrottleClass, ByStatus>;
  /** Operations as each throttle counts them: a bulk call counts once for each identity. */
  operationsByClass: Record<ThrottleClass, number>;
  /** The same of the registry alone. */
  registryOperations: number;
  devicesCreated: number;
  modulesCreated: number;
  /** Requests answered with a 429. */
  throttled: number;
  /** Of the daily message quota: since the start, and on the present day (UTC) of the emulator's clock. */
  messagesUsed: number;
  messagesUsedToday: number;
}

export class Counters {
  private readonly requests = new Map<string, Map<string, number>>();
  private readonly operations = new Map<ThrottleClass, number>();

  /** `status` is undefined when the connection ended without an answer. */
  countRequest(operation: string, status: number | undefined): void {
    const byStatus = this.requests.get(operation) ?? new Map<string, number>();
    const key = status === undefined ? 'none' : String(status);
    byStatus.set(key, (byStatus.get(key) ?? 0) + 1);
    this.requests.set(operation, byStatus);
  }

  countOperations(throttleClass: ThrottleClass, count: number): void {
    this.operations.set(throttleClass, (this.operations.get(throttleClass) ?? 0) + count);
  }

  report(created: { devices: number; modules: number }, quota: DailyMessageQuota, nowMs: number): CounterReport {
    const requestsByClass = byClass((): ByStatus => ({}));
    let throttled = 0;
    for (const [name, byStatus] of this.requests) {
      const throttleClass = operations.get(name)?.throttle;
      throttled += byStatus.get('429') ?? 0;
      if (throttleClass) add(requestsByClass[throttleClass], byStatus);
    }
    const operationsByClass = byClass((throttleClass) => this.operations.get(throttleClass) ?? 0);
    return {
      requests: Object.fromEntries([...this.requests].map(([name, byStatus]) => [name, Object.fromEntries(byStatus)])),
      requestsByClass,
      operationsByClass,
      registryOperations: operationsByClass.registry,
      devicesCreated: created.devices,
      modulesCreated: created.modules,
      throttled,
      messagesUsed: quota.usedInAll,
      messagesUsedToday: quota.usedToday(nowMs),
    };
  }
}

const byClass = <T>(count: (throttleClass: ThrottleClass) => T): Record<ThrottleClass, T> =>
  Object.fromEntries(throttleClasses.map((name) => [name, count(name)])) as Record<ThrottleClass, T>;

function add(sums: ByStatus, counts: ReadonlyMap<string, number>): void {
  for (const [status, count] of counts) sums[status] = (sums[status] ?? 0) + count;
}
