import type { HubConfig } from '../config/config.ts';
import { dailyMessages } from '../config/tierLimits.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import { isHubError } from '../hub/hubError.ts';
import { headroomFor, maxIdentities, reservedHeadroom } from '../hub/identityCap.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { HubFullError, StopRuleError } from './stopRules.ts';

/** What is known of a hub before a run writes to it. */
export interface Preflight {
  devices: number;
  /** Null where the hub would not count them. */
  modules: number | null;
  /** Modules that the run may create before it comes to the places that are the owner's. */
  places: number | null;
  /** How long the creates take at the granted rate, if every device lacks every module. */
  hoursAtMost: number;
  /** Messages of the hub's daily quota that listing the devices and their modules costs, about. */
  listingMessages: number;
  warnings: string[];
}

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
  const [devices, modules] = await Promise.all([registry.countDevices(), countModules(registry)]);
  const places = modules === null ? null : headroomFor(devices, modules);
  const wanted = devices * policy.length;
  const listingMessages = listingMessagesOf(devices, policy.length, hub.tier);
  const quotaPart = listingMessages / dailyMessages(hub.tier, hub.units);
  if (quotaPart > hub.budgetPercent / 100) {
    throw new StopRuleError(
      `Listing ${devices} devices costs about ${listingMessages} messages, more than the granted ${hub.budgetPercent} % of the hub's daily quota; a hub that has used up its quota refuses everybody. More units raise it.`,
    );
  }
  const warnings: string[] = [];
  if (modules === null) warnings.push('The hub did not count its modules, so its free places are unknown.');
  if (places !== null && wanted > places) {
    warnings.push(
      `At most ${places} modules can be created before the places that are left to the hub's owner; ${wanted} may be needed.`,
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

/** How many modules may still be created; null if the hub does not say. Throws `HubFullError` if fewer than `needed`. */
export async function recountHeadroom(registry: Registry, needed: number): Promise<number | null> {
  const [devices, modules] = await Promise.all([registry.countDevices(), countModules(registry)]);
  const places = modules === null ? null : headroomFor(devices, modules);
  throwIfFull(places, needed);
  return places;
}

function throwIfFull(places: number | null, needed: number): void {
  if (places === null || places >= needed) return;
  throw new HubFullError(
    `The hub is nearly full: of its ${maxIdentities} identities (devices and modules together) the last ${reservedHeadroom} are left to its owner. Remove identities or use a further hub.`,
  );
}

/** Whether hubs answer COUNT over modules is not documented for certain; one that does not is not refused for it. */
async function countModules(registry: Registry): Promise<number | null> {
  try {
    return await registry.countModules();
  } catch (error) {
    if (isHubError(error, 'invalid')) return null;
    throw error;
  }
}
