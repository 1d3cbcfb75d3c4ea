import type { HubConfig } from '../config/config.ts';
import { dailyMessages } from '../config/tierLimits.ts';
import { countHub } from '../hub/headroom.ts';
import { type HubBudgets, operationsPerRemoval } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { reportsHealth } from '../policy/reportsHealth.ts';
import { wantedTwinOf } from '../reconcile/wantedTwin.ts';
import type { Preflight, Run } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';
import { foundSamplePeriod } from './believeFound.ts';
import { minPageRows } from './pageReader.ts';
import { RunFailedError } from './runFailedError.ts';

/** Bytes of one row of the two queries, with ids of 36 characters; measured on responses of the emulator. */
const deviceRowBytes = 130;
const moduleRowBytes = 90;
/** Bytes that the activity time and the report of an agent add to a row. */
const reportBytes = 60;
/** Bytes of a short column name with its quotes, colon and comma. */
const columnBytes = 7;
/**
 * A hub charges each page of a query's result separately: one message for each 4 KB or part of it, on the free tier for each 0.5 KB
 * (Microsoft, IoT Hub pricing page).
 */
const messageBytes = 4096;
const freeMessageBytes = 512;
/** Bytes of a module twin without properties of its own: the largest of Microsoft's recorded responses, which have 600 to 900. */
const twinBytes = 900;
/** A listing that costs more than this part of the daily quota gets a warning. */
const warnFromQuotaPart = 0.1;

/** Reads a hub's size and estimates a run's cost. Throws `RunFailedError` if the run must not start, and as the registry. */
export async function preflight(
  registry: Registry,
  budgets: HubBudgets,
  policy: Policy,
  hub: Pick<HubConfig, 'tier' | 'units' | 'budgetPercent'>,
): Promise<Preflight> {
  const { devices, modules, headroom: places } = await countHub(registry);
  const specs = (ensure: ModuleSpec['ensure']) => policy.filter((spec) => spec.ensure === ensure).length;
  const wanted = devices * specs('present');
  const operations = wanted + devices * specs('absent') * operationsPerRemoval;
  const listingMessages = listingMessagesOf(devices, policy, hub.tier);
  const quotaPart = listingMessages / dailyMessages(hub.tier, hub.units);
  if (quotaPart > hub.budgetPercent / 100) {
    throw new RunFailedError(
      `Listing ${devices} devices costs about ${listingMessages} messages, more than the granted ${hub.budgetPercent} % of the hub's daily quota; a hub that has used up its quota refuses all clients. More units raise the quota.`,
    );
  }
  const warnings: string[] = [];
  if (modules === null) warnings.push('The hub did not count its modules, so its headroom is unknown.');
  if (places !== null && wanted > places) {
    warnings.push(
      `Only ${places} modules can be created before the reserved headroom is reached; up to ${wanted} may be needed.`,
    );
  }
  if (quotaPart > warnFromQuotaPart) {
    warnings.push(`Listing costs about ${Math.round(quotaPart * 100)} % of the hub's daily message quota.`);
  }
  const hoursAtMost = Math.round(backfillHours(operations, budgets) * 10) / 10;
  return { devices, modules, places, hoursAtMost, listingMessages, warnings };
}

/** Logs the figures of a run's preflight, and each warning as a line of its own. */
export function logPreflight(
  log: Log,
  { hub, runId }: Pick<Run, 'hub' | 'runId'>,
  { warnings, ...figures }: Preflight,
): void {
  log.info('Preflight', { hub, runId, ...figures });
  for (const warning of warnings) log.warn('Preflight warning', { hub, runId, warning });
}

/**
 * Estimates how many messages of the daily quota a sweep costs if all `devices` have the modules of the policy: for pages of 100
 * rows, which every hub can return, and for the twins that are read by id.
 */
export function listingMessagesOf(devices: number, policy: Policy, tier: HubConfig['tier']): number {
  const specs = policy.length;
  const rowBytes = moduleRowBytes + twinBytesOf(policy) + (policy.some(reportsHealth) ? reportBytes : 0);
  const messages = (bytes: number) => Math.ceil(bytes / (tier === 'F1' ? freeMessageBytes : messageBytes));
  const page = (rows: number) => messages(rows * deviceRowBytes) + specs * messages(rows * rowBytes);
  const pages = Math.floor(devices / minPageRows) * page(minPageRows) + page(devices % minPageRows);
  return pages + Math.ceil((devices * specs) / foundSamplePeriod) * messages(twinBytes);
}

/** Bytes in each row of a module query for what the policy wants in twins: a column for each key, with its value. */
function twinBytesOf(policy: Policy): number {
  const keysOf = (spec: Policy[number]) =>
    Object.entries({ ...wantedTwinOf(spec)?.tags, ...wantedTwinOf(spec)?.desired });
  return policy.flatMap(keysOf).reduce((bytes, [, value]) => bytes + columnBytes + JSON.stringify(value).length, 0);
}

/** Hours that this number of registry operations takes at the granted rate; a create is one operation. */
export function backfillHours(operations: number, { registry }: HubBudgets): number {
  return operations / registry.grantedPerMinute / 60;
}
