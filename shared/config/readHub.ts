import type { HubAuth, HubConfig, HubLimits, Tier } from './config.ts';
import {
  eventNameProblem,
  hostNameProblem,
  hubNameOfHost,
  hubNameProblem,
  keyOfHubName,
  namesItsHub,
} from './hubAddress.ts';
import { readHubConnectionString } from './hubConnectionString.ts';
import type { Report } from './settings.ts';
import { maxUnits, tierLimits, tiers } from './tierLimits.ts';
import { tokenHostProblem } from './tokenDomains.ts';
import { isSampleHub } from './unusableValues.ts';

/** The fields of one hub as the user wrote them, in single settings or in an entry of `HUBS`. */
export interface HubSource {
  name?: string | undefined;
  eventName?: string | undefined;
  hostName?: string | undefined;
  connectionString?: string | undefined;
  tier?: string | undefined;
  units?: number | undefined;
  paused?: boolean | undefined;
  limits?: Partial<HubLimits> | undefined;
}

/** For each field, the name of the setting that it comes from, for messages (`HUB_TIER` or `HUBS[1].tier`). */
export type HubLabels = Record<'name' | 'eventName' | 'hostName' | 'connectionString' | 'tier' | 'units', string>;

const defaultTier: Tier = 'S1';

/** Values for all hubs of the app. An entry of `HUBS` may have its own `budgetPercent`. */
export interface HubDefaults {
  budgetPercent: number;
  /** Domains whose hosts get a token of the app's identity, besides those of Azure. */
  tokenDomains: readonly string[];
}

/** What was read of one hub. `hub` is undefined if a problem prevents it; the names are then present as far as they are valid. */
export interface HubRead {
  name?: string;
  eventName?: string;
  hub?: HubConfig;
}

/** Checks the settings of one hub, reports every problem, and adds the defaults. */
export function readHub(source: HubSource, defaults: HubDefaults, labels: HubLabels, report: Report): HubRead {
  const access = readAccess(source, labels, report);
  const isSample = access !== undefined && isSampleHub(access.hostName, connectionStringOf(access.auth));
  if (isSample) report(access.auth.kind === 'sas' ? labels.connectionString : labels.hostName, placeholder);
  const tokenProblem =
    access?.auth.kind === 'entra' ? tokenHostProblem(access.hostName, defaults.tokenDomains) : undefined;
  if (tokenProblem !== undefined) report(labels.hostName, tokenProblem);
  const name = readName(source.name, access?.hostName, labels, report);
  const events = readEventName(source.eventName, name, access?.hostName, labels.eventName, report);
  const tier = readTier(source.tier, labels.tier, report);
  const units = readUnits(source.units, tier ?? defaultTier, labels.units, report);
  if (name === undefined) return {};
  if (
    isSample ||
    tokenProblem !== undefined ||
    access === undefined ||
    events === undefined ||
    tier === undefined ||
    units === undefined
  )
    return { name, ...events };
  const { hostName, auth } = access;
  const { budgetPercent } = defaults;
  const limits = { ...tierLimits(tier, units), ...source.limits };
  const hub = { name, ...events, hostName, auth, tier, units, budgetPercent, paused: source.paused ?? false, limits };
  return { name, ...events, hub };
}

const placeholder = "is the placeholder of the sample settings; write the hub's own host name and key";

function connectionStringOf(auth: HubAuth): string | undefined {
  return auth.kind === 'sas' ? auth.connectionString : undefined;
}

function readAccess(
  { hostName, connectionString }: HubSource,
  labels: HubLabels,
  report: Report,
): { hostName: string; auth: HubAuth } | undefined {
  const hostProblem = hostName === undefined ? undefined : hostNameProblem(hostName);
  if (hostProblem !== undefined) report(labels.hostName, hostProblem);
  if (connectionString === undefined) {
    if (hostName === undefined) report(labels.hostName, 'write the host name, such as contoso.azure-devices.net');
    return hostName === undefined || hostProblem !== undefined ? undefined : { hostName, auth: { kind: 'entra' } };
  }
  const read = readHubConnectionString(connectionString);
  const problem = read.ok ? hostNameProblem(read.hostName) : read.message;
  if (problem !== undefined) report(labels.connectionString, read.ok ? `in HostName, ${problem}` : problem);
  if (!read.ok || problem !== undefined || hostProblem !== undefined) return undefined;
  if (hostName !== undefined && hostName.toLowerCase() !== read.hostName.toLowerCase()) {
    report(labels.hostName, `is not the host of ${labels.connectionString}; leave one of them out`);
    return undefined;
  }
  return { hostName: read.hostName, auth: { kind: 'sas', connectionString: read.connectionString } };
}

function readName(
  written: string | undefined,
  hostName: string | undefined,
  labels: HubLabels,
  report: Report,
): string | undefined {
  if (written === undefined && hostName === undefined) return undefined;
  const name = written?.toLowerCase() ?? nameOfHost(hostName ?? '');
  if (name === undefined) {
    report(
      labels.name,
      'the host name contains no hub name; write the name that the events of the hub have (data.hubName)',
    );
    return undefined;
  }
  const problem = hubNameProblem(name);
  if (problem === undefined) return name;
  report(labels.name, written === undefined ? `the host name contains no valid hub name; ${problem}` : problem);
  return undefined;
}

/** Returns the hub name in a host name as a valid key if possible, otherwise unchanged (`hubNameProblem` then refuses it). */
function nameOfHost(hostName: string): string | undefined {
  const name = hubNameOfHost(hostName);
  return name === undefined ? undefined : (keyOfHubName(name) ?? name);
}

/** Returns `eventName` only if it differs from the key `name`. Returns undefined after a problem was reported. */
function readEventName(
  written: string | undefined,
  name: string | undefined,
  hostName: string | undefined,
  label: string,
  report: Report,
): { eventName?: string } | undefined {
  const problem = written === undefined ? undefined : eventNameProblem(written);
  if (problem !== undefined) {
    report(label, problem);
    return undefined;
  }
  const ofHost = hostName !== undefined && namesItsHub(hostName) ? hubNameOfHost(hostName) : undefined;
  const eventName = written?.toLowerCase() ?? ofHost ?? name;
  return eventName === undefined || eventName === name ? {} : { eventName };
}

function readTier(written: string | undefined, label: string, report: Report): Tier | undefined {
  if (written === undefined) return defaultTier;
  const tier = tiers.find((one) => one === written.toUpperCase());
  if (tier === undefined)
    report(label, `write one of ${tiers.join(', ')}; for a newer tier, the one with the same limits`);
  return tier;
}

function readUnits(units: number | undefined, tier: Tier, label: string, report: Report): number | undefined {
  const most = maxUnits(tier);
  if (units === undefined) return 1;
  if (Number.isInteger(units) && units >= 1 && units <= most) return units;
  report(label, most === 1 ? `a hub of tier ${tier} has 1 unit; write 1` : `write a whole number from 1 to ${most}`);
  return undefined;
}
