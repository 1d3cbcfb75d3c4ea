import type { Telemetry } from '../telemetry/telemetry.ts';
import { aroundEachCall } from './aroundEachCall.ts';
import type { HubBudgets, OperationClass } from './hubBudgets.ts';
import type { Registry } from './registry.ts';

/**
 * Records before each call which share of its budget was used in the last minute, including this call. `budgets` must be the
 * budgets from which the calls are paid.
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

/** Returns a handler for `Pace.onThrottled` that counts the seconds waited after throttled responses. */
export function recordThrottled(
  telemetry: Telemetry,
  hub: string,
): (operationClass: OperationClass, waitedMs: number) => void {
  return (operationClass, waitedMs) =>
    telemetry.count('keeper.throttled_seconds', waitedMs / 1000, { hub, operationClass });
}
