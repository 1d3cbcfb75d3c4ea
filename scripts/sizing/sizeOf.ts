import { systemClock } from '../../shared/clock.ts';
import type { Tier } from '../../shared/config/config.ts';
import { readConfig } from '../../shared/config/readConfig.ts';
import { dailyMessages } from '../../shared/config/tierLimits.ts';
import { hubBudgets } from '../../shared/hub/hubBudgets.ts';
import { moduleQueries } from '../../shared/hub/twinQueries.ts';
import { minPageRows } from '../../shared/sweep/pageReader.ts';
import { backfillHours, listingMessagesOf } from '../../shared/sweep/preflight.ts';

/** What the keeper takes of a hub, and of Azure Functions, with the settings at their defaults and one module a device. */
export interface Size {
  tier: Tier;
  units: number;
  devices: number;
  /** Registry operations that the worker may spend. */
  createsPerMinute: number;
  /** Every device lacks its module, once. */
  backfillHours: number;
  /** No device lacks its module, which is what most nights are. */
  sweepHours: number;
  /** Of the hub's daily messages, for one sweep; 0 to 1. */
  messageShare: number;
  /** How long functions run for one sweep a night, without instances that are always ready. */
  functionHoursPerMonth: number;
  executionsPerMonth: number;
}

const nightsPerMonth = 30;
/** One invocation of `watchHubs` every five minutes. */
const watchesPerDay = 288;
/** As a GUID has; the preflight reckons with it too. */
const idLength = 36;

/** Throws a RangeError for a size that no hub has. */
export function sizeOf(tier: Tier, units: number, devices: number): Size {
  // What the app itself would read, so that the defaults are its own.
  const read = readConfig({
    IOTHUB_HOSTNAME: 'contoso.azure-devices.net',
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    HUB_TIER: tier,
    HUB_UNITS: String(units),
  });
  const hub = read.ok ? read.config.hubs[0] : undefined;
  if (!read.ok || !hub) throw new RangeError(`There is no hub of tier ${tier} with ${units} units.`);
  const { policy, sliceSeconds } = read.config;
  const budgets = hubBudgets(hub, systemClock);
  const sweepHours = queriesOf(devices, policy[0]?.moduleId ?? '') / budgets.queries.grantedPerMinute / 60;
  const slices = Math.ceil((sweepHours * 3600) / sliceSeconds);
  return {
    ...{ tier, units, devices },
    createsPerMinute: budgets.registry.grantedPerMinute,
    backfillHours: backfillHours(devices * policy.length, budgets),
    sweepHours,
    messageShare: listingMessagesOf(devices, policy.length, tier) / dailyMessages(tier, units),
    functionHoursPerMonth: sweepHours * nightsPerMonth,
    executionsPerMonth: (slices + 1 + watchesPerDay) * nightsPerMonth,
  };
}

/** Of a sweep: one for each page of devices, and for each page those that find its modules. */
function queriesOf(devices: number, moduleId: string): number {
  const ids = Array.from({ length: minPageRows }, (_, index) => String(index).padStart(idLength, '0'));
  return Math.ceil(devices / minPageRows) * (1 + moduleQueries(ids, [moduleId]).length);
}
