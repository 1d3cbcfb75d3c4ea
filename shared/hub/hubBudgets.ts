import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { Budget } from './budget.ts';
import { maxBulkIdentities } from './registry.ts';
import type { Spending } from './spendingWindow.ts';

/** The hub counts each of these classes separately (Microsoft, IoT Hub quotas page). */
export type OperationClass = 'registry' | 'queries' | 'twinReads';

export type HubBudgets = Record<OperationClass, Budget>;

/** Operations per minute learned from throttled responses, by class; stored in the hub document. */
export type LearnedRates = Partial<Record<OperationClass, number>>;

/** Spending of the last minute, by class; stored in the hub document so that two slices in one minute share its limit. */
export type LatelySpent = Partial<Record<OperationClass, Spending>>;

const secondsPerMinute = 60;

/** Most budget that one bulk call may use, because a cancelled run waits for the call in flight. */
const bulkWorthMs = 10_000;

/** Number of identities that a bulk call should hold at the current rate. */
export function bulkSize({ registry }: HubBudgets): number {
  return registry.evenCost(bulkWorthMs, maxBulkIdentities);
}

/** The granted share of one hub's limits, for one slice of its worker; `before` is what the previous slice stored. */
export function hubBudgets(
  { budgetPercent, limits }: Pick<HubConfig, 'budgetPercent' | 'limits'>,
  clock: Clock,
  before: { learnedRates?: LearnedRates; spending?: LatelySpent } = {},
): HubBudgets {
  const budget = (operation: OperationClass, limitPerMinute: number) => {
    const learnedPerMinute = before.learnedRates?.[operation];
    const spending = before.spending?.[operation];
    return new Budget((limitPerMinute * budgetPercent) / 100, clock, {
      ...(learnedPerMinute === undefined ? {} : { learnedPerMinute }),
      ...(spending === undefined ? {} : { spending }),
    });
  };
  return {
    registry: budget('registry', limits.registryOpsPerMinute),
    queries: budget('queries', limits.queriesPerMinute),
    twinReads: budget('twinReads', limits.twinReadsPerSecond * secondsPerMinute),
  };
}

/** The current rates that are below the granted ones. */
export function learnedRates(budgets: HubBudgets): LearnedRates {
  const learned: LearnedRates = {};
  for (const [name, budget] of Object.entries(budgets) as [OperationClass, Budget][]) {
    if (budget.ratePerMinute < budget.grantedPerMinute) learned[name] = budget.ratePerMinute;
  }
  return learned;
}

/** Spending of the last minute of each class, for the hub document. */
export function latelySpent({ registry, queries, twinReads }: HubBudgets): LatelySpent {
  return { registry: registry.spending, queries: queries.spending, twinReads: twinReads.spending };
}
