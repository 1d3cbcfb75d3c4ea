import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { Budget } from './budget.ts';
import { maxBulkIdentities } from './registry.ts';

/** The hub counts each of these classes by itself (IoT Hub quotas page). */
export type OperationClass = 'registry' | 'queries' | 'twinReads';

export type HubBudgets = Record<OperationClass, Budget>;

/** Operations a minute that throttle answers have taught us, by class; kept in the hub document. */
export type LearnedRates = Partial<Record<OperationClass, number>>;

const secondsPerMinute = 60;

/** Most budget that one bulk call may use up, so that a cancellation never waits longer (design section 5). */
const bulkWorthMs = 10_000;

/** How many identities a bulk call should hold at the present rate. */
export function bulkSize({ registry }: HubBudgets): number {
  return registry.evenCost(bulkWorthMs, maxBulkIdentities);
}

/** The keeper's share of one hub's limits, for one slice of its worker. */
export function hubBudgets(hub: HubConfig, clock: Clock, learned: LearnedRates = {}): HubBudgets {
  const share = hub.budgetPercent / 100;
  return {
    registry: new Budget(hub.limits.registryOpsPerMinute * share, clock, learned.registry),
    queries: new Budget(hub.limits.queriesPerMinute * share, clock, learned.queries),
    twinReads: new Budget(hub.limits.twinReadsPerSecond * secondsPerMinute * share, clock, learned.twinReads),
  };
}

/** Only rates below what was granted: everything else is no lesson. */
export function learnedRates(budgets: HubBudgets): LearnedRates {
  const learned: LearnedRates = {};
  for (const [name, budget] of Object.entries(budgets) as [OperationClass, Budget][]) {
    if (budget.ratePerMinute < budget.grantedPerMinute) learned[name] = budget.ratePerMinute;
  }
  return learned;
}
