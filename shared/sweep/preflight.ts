import type { HubConfig } from '../config/config.ts';
import { dailyMessages } from '../config/tierLimits.ts';
import { countHub } from '../hub/headroom.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { Preflight } from '../run/run.ts';
import { StopRuleError } from './stopRules.ts';

/** Rows as the two queries project them, with ids of 36 characters; measured on the emulator's answers. */
const deviceRowBytes = 130;
const moduleRowBytes = 90;
/** Queries are charged by this much of their result (IoT Hub pricing page); on the free tier by an eighth of it. */
const messageBytes = 4096;
const freeMessageBytes = 512;
const warnFromQuotaPart = 0.1;

/** Looks at a hub before a run. Throws `StopRuleError` if the run must not begin, and what its registry throws. */
export async function preflight(
  registry: Registry,
  budgets: HubBudgets,
  policy: Policy,
  hub: Pick<HubConfig, 'tier' | 'units' | 'budgetPercent'>,
): Promise<Preflight> {
  const { devices, modules, headroom: places } = await countHub(registry);
  const wanted = devices * policy.length;
  const listingMessages = listingMessagesOf(devices, policy.length, hub.tier);
  const quotaPart = listingMessages / dailyMessages(hub.tier, hub.units);
  if (quotaPart > hub.budgetPercent / 100) {
    throw new StopRuleError(
      `Listing ${devices} devices costs about ${listingMessages} messages, more than the granted ${hub.budgetPercent} % of the hub's daily quota; a hub that has used up its quota refuses everybody. More units raise it.`,
    );
  }
  const warnings: string[] = [];
  if (modules === null) warnings.push('The hub did not count its modules, so its headroom is unknown.');
  if (places !== null && wanted > places) {
    warnings.push(
      `At most ${places} modules can be created before the headroom that is left to the hub's owner; ${wanted} may be needed.`,
    );
  }
  if (quotaPart > warnFromQuotaPart) {
    warnings.push(`Listing costs about ${Math.round(quotaPart * 100)} % of the hub's daily message quota.`);
  }
  const hoursAtMost = Math.round(backfillHours(wanted, budgets) * 10) / 10;
  return { devices, modules, places, hoursAtMost, listingMessages, warnings };
}

/** Messages that listing so many devices, and so many modules of each, costs about. */
export function listingMessagesOf(devices: number, specs: number, tier: HubConfig['tier']): number {
  const bytes = devices * (deviceRowBytes + specs * moduleRowBytes);
  return Math.ceil(bytes / (tier === 'F1' ? freeMessageBytes : messageBytes));
}

/** How long creating so many modules takes at the granted rate. */
export function backfillHours(modules: number, { registry }: HubBudgets): number {
  return modules / registry.grantedPerMinute / 60;
}
