import type { Telemetry } from '../telemetry/telemetry.ts';
import { aroundEachCall } from './aroundEachCall.ts';
import type { HubBudgets, OperationClass } from './hubBudgets.ts';
import type { Registry } from './registry.ts';

/**
 * The same registry, for calls that are paid for from `budgets`: before each call it records what share of its budget was
 * used in the last minute, that call included.
 */
export function recordingBudgetUsed(
  registry: Registry,
  hub: string,
  budgets: HubBudgets,
  telemetry: Telemetry,
): Registry {
  return aroundEachCall(registry, ({ operationClass }, work) => {
    telemetry.gauge('keeper.budget_used', budgets[operationClass].usedShare, { hub, operationClass });
    return work();
  });
}

/** Records how long throttle responses were waited out; for `Pace.onThrottled`. */
export function recordThrottled(
  telemetry: Telemetry,
  hub: string,
): (operationClass: OperationClass, waitedMs: number) => void {
  return (operationClass, waitedMs) =>
    telemetry.count('keeper.throttled_seconds', waitedMs / 1000, { hub, operationClass });
}
