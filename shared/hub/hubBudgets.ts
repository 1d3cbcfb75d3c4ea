import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { Budget } from './budget.ts';
import { maxBulkIdentities } from './registry.ts';
import type { Spending } from './spendingWindow.ts';

/** The hub counts each of these classes separately (Microsoft, IoT Hub quotas page). */
export type OperationClass = 'registry' | 'queries' | 'twinReads' | 'twinWrites';

/** Every operation class. */
export const operationClasses: readonly OperationClass[] = ['registry', 'queries', 'twinReads', 'twinWrites'];

/** One budget for each operation class of a hub. */
export type HubBudgets = Record<OperationClass, Budget>;

/** Operations per minute learned from throttled responses, by class; stored in the hub document. */
export type LearnedRates = Partial<Record<OperationClass, number>>;

/** Spending of the last minute, by class; stored in the hub document so that two slices in one minute share one limit. */
export type LatelySpent = Partial<Record<OperationClass, Spending>>;

const secondsPerMinute = 60;

/** Operations per minute of one class that the app may send to the hub: the grant, `budgetPercent` of the hub's limit. */
export function grantedPerMinute(
  { budgetPercent, limits }: Pick<HubConfig, 'budgetPercent' | 'limits'>,
  operationClass: OperationClass,
): number {
  const limitPerMinute: Record<OperationClass, number> = {
    registry: limits.registryOpsPerMinute,
    queries: limits.queriesPerMinute,
    twinReads: limits.twinReadsPerSecond * secondsPerMinute,
    twinWrites: limits.twinWritesPerSecond * secondsPerMinute,
  };
  return (limitPerMinute[operationClass] * budgetPercent) / 100;
}

/** A bulk call uses at most the budget of this time, because a cancelled run waits for the call in flight. */
const bulkWorthMs = 10_000;

/** Number of identities that a bulk call should contain at the current rate. */
export function bulkSize({ registry }: HubBudgets): number {
  return registry.evenCost(bulkWorthMs, maxBulkIdentities);
}

/**
 * Modules that are checked together before their removal use at most the budget of this time. It is short, because a module that
 * connects, or whose twin is written, between its check and its removal is removed all the same.
 */
const removalWorthMs = 4_000;
/** One read of the identity, one removal. */
export const operationsPerRemoval = 2;

/** Number of modules to check together before their removal, at the current rate; at least one. */
export function removalsAtOnce({ registry }: HubBudgets): number {
  const operations = registry.evenCost(removalWorthMs, maxBulkIdentities * operationsPerRemoval);
  return Math.max(1, Math.floor(operations / operationsPerRemoval));
}

/** The budgets of one hub for one slice of its worker; `before` is what the previous slice stored. */
export function hubBudgets(
  hub: Pick<HubConfig, 'budgetPercent' | 'limits'>,
  clock: Clock,
  before: { learnedRates?: LearnedRates; spending?: LatelySpent } = {},
): HubBudgets {
  const budget = (operationClass: OperationClass) => {
    const learnedPerMinute = before.learnedRates?.[operationClass];
    const spending = before.spending?.[operationClass];
    return new Budget(grantedPerMinute(hub, operationClass), clock, {
      ...(learnedPerMinute === undefined ? {} : { learnedPerMinute }),
      ...(spending === undefined ? {} : { spending }),
    });
  };
  return {
    registry: budget('registry'),
    queries: budget('queries'),
    twinReads: budget('twinReads'),
    twinWrites: budget('twinWrites'),
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

/** Returns what each class has spent in the last minute, in the form that the hub document stores. */
export function latelySpent(budgets: HubBudgets): LatelySpent {
  return Object.fromEntries(operationClasses.map((name) => [name, budgets[name].spending]));
}
