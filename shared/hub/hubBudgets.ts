import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { Budget } from './budget.ts';
import { maxBulkIdentities } from './registry.ts';
import type { Spending } from './spendingWindow.ts';

/** The hub counts each of these classes by itself (IoT Hub quotas page). */
export type OperationClass = 'registry' | 'queries' | 'twinReads';

export type HubBudgets = Record<OperationClass, Budget>;

/** Operations a minute that throttle answers have taught us, by class; kept in the hub document. */
export type LearnedRates = Partial<Record<OperationClass, number>>;

/** What was spent lately, by class; kept in the hub document, so that no minute holds too much where slices change. */
export type LatelySpent = Partial<Record<OperationClass, Spending>>;

const secondsPerMinute = 60;

/** Most budget that one bulk call may use up, so that a cancellation never waits longer (design section 5). */
const bulkWorthMs = 10_000;

/** How many identities a bulk call should hold at the present rate. */
export function bulkSize({ registry }: HubBudgets): number {
  return registry.evenCost(bulkWorthMs, maxBulkIdentities);
}

/** The keeper's share of one hub's limits, for one slice of its worker; `before` is what the slice before it left. */
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

/** Only rates below what was granted: everything else is no lesson. */
export function learnedRates(budgets: HubBudgets): LearnedRates {
  const learned: LearnedRates = {};
  for (const [name, budget] of Object.entries(budgets) as [OperationClass, Budget][]) {
    if (budget.ratePerMinute < budget.grantedPerMinute) learned[name] = budget.ratePerMinute;
  }
  return learned;
}

export function latelySpent({ registry, queries, twinReads }: HubBudgets): LatelySpent {
  return { registry: registry.spending, queries: queries.spending, twinReads: twinReads.spending };
}
