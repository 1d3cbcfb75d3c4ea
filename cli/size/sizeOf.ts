import { systemClock } from '../../shared/clock.ts';
import type { Tier } from '../../shared/config/config.ts';
import { readConfig } from '../../shared/config/readConfig.ts';
import { dailyMessages } from '../../shared/config/tierLimits.ts';
import { hubBudgets } from '../../shared/hub/hubBudgets.ts';
import { moduleQueries } from '../../shared/hub/twinQueries.ts';
import type { Policy } from '../../shared/policy/moduleSpec.ts';
import { defaultInForce } from '../../shared/policyStore/standing.ts';
import { columnsOf } from '../../shared/reconcile/wantedTwin.ts';
import { minPageRows } from '../../shared/sweep/pageReader.ts';
import { backfillHours, listingMessagesOf } from '../../shared/sweep/preflight.ts';

/** What the app needs of a hub and of Azure Functions, with default settings and one module on each device. */
export interface Size {
  tier: Tier;
  units: number;
  devices: number;
  /** Registry operations per minute that the worker may use. */
  createsPerMinute: number;
  /** Duration of a sweep if no device has its module: the first one. */
  backfillHours: number;
  /** Duration of a sweep if every device has its module: most nights. */
  sweepHours: number;
  /** Messages of the hub's daily quota that one sweep uses, an estimate. */
  messages: number;
  /** The same as a share of the quota, 0 to 1. */
  messageShare: number;
  /** Run time of the functions with one sweep a night, without always-ready instances. */
  functionHoursPerMonth: number;
  executionsPerMonth: number;
}

const nightsPerMonth = 30;
/** `watchHubs` runs every five minutes. */
const watchesPerDay = 288;
/** Length of a GUID; the preflight assumes the same. */
const idLength = 36;

/**
 * Computes the size for a hub; `budgetPercent`: the share of its throttles that is granted. Throws `RangeError` for a number of
 * units that the tier does not have, and for a share that the settings refuse.
 */
export function sizeOf(tier: Tier, units: number, devices: number, budgetPercent?: number): Size {
  // Read like the app's settings, so that the defaults are the same.
  const read = readConfig({
    IOTHUB_HOSTNAME: 'contoso.azure-devices.net',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    HUB_TIER: tier,
    HUB_UNITS: String(units),
    ...(budgetPercent === undefined ? {} : { HUB_BUDGET_PERCENT: String(budgetPercent) }),
  });
  const hub = read.ok ? read.config.hubs[0] : undefined;
  if (!read.ok || !hub) {
    const problems = read.ok ? [] : read.problems;
    throw new RangeError(problems.map(({ setting, message }) => `${setting}: ${message}`).join('; '));
  }
  const { policySetting, sliceSeconds } = read.config;
  const { policy } = policySetting ?? defaultInForce();
  const budgets = hubBudgets(hub, systemClock);
  const sweepHours = queriesOf(devices, policy) / budgets.queries.grantedPerMinute / 60;
  const messages = listingMessagesOf(devices, policy, tier);
  const slices = Math.ceil((sweepHours * 3600) / sliceSeconds);
  return {
    ...{ tier, units, devices },
    createsPerMinute: budgets.registry.grantedPerMinute,
    backfillHours: backfillHours(devices * policy.length, budgets),
    sweepHours,
    messages,
    messageShare: messages / dailyMessages(tier, units),
    functionHoursPerMonth: sweepHours * nightsPerMonth,
    executionsPerMonth: (slices + 1 + watchesPerDay) * nightsPerMonth,
  };
}

/** Queries of a sweep: one for each page of devices, and for each page those for its modules. */
function queriesOf(devices: number, policy: Policy): number {
  const moduleIds = policy.map(({ moduleId }) => moduleId);
  const ids = Array.from({ length: minPageRows }, (_, index) => String(index).padStart(idLength, '0'));
  return Math.ceil(devices / minPageRows) * (1 + moduleQueries(ids, moduleIds, columnsOf(policy)).length);
}
