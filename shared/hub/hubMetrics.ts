import type { Telemetry } from '../telemetry/telemetry.ts';
import { aroundEachCall } from './aroundEachCall.ts';
import type { HubBudgets } from './hubBudgets.ts';
import type { Registry } from './registry.ts';

/**
 * The same registry, for calls that are paid for from `budgets`: before each call it tells how much of its budget the last
 * minute took, that call included.
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
