import type { DailyMessageQuota } from '../limits/dailyMessageQuota.ts';
import { type ThrottleClass, throttleClasses } from '../limits/throttle.ts';
import { operations } from './routes.ts';

/** Number of responses by status; `none` counts connections that ended without a response. */
interface ByStatus {
  [status: string]: number;
}

/** Requests and results since the emulator started. */
export interface CounterReport {
  /** Requests by operation, then by status: `{"putModule":{"200":7}}`. */
  requests: { [operation: string]: ByStatus };
  /** Requests by throttle class, then by status. */
  requestsByClass: Record<ThrottleClass, ByStatus>;
  /** Operations as each throttle counts them: a bulk call counts one for each identity. */
  operationsByClass: Record<ThrottleClass, number>;
  /** `operationsByClass.registry`. */
  registryOperations: number;
  devicesCreated: number;
  modulesCreated: number;
  /** Responses with status 429. */
  throttled: number;
  /** Messages charged to the daily quota since the start. */
  messagesUsed: number;
  /** Messages charged on the current day (UTC) of the emulator's clock. */
  messagesUsedToday: number;
}

/** Counts requests and operations for `GET /$emulator/counters`. */
export class Counters {
  private readonly requests = new Map<string, Map<string, number>>();
  private readonly operations = new Map<ThrottleClass, number>();

  /** `status` is undefined if the connection ended without a response. */
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
