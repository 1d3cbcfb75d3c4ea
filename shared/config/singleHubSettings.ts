import type { HubConfig } from './config.ts';
import { type HubDefaults, type HubLabels, readHub } from './readHub.ts';
import type { Report, Settings } from './settings.ts';

const labels: HubLabels = {
  name: 'HUB_NAME',
  eventName: 'HUB_EVENT_NAME',
  hostName: 'IOTHUB_HOSTNAME',
  connectionString: 'IOTHUB_CONNECTION_STRING',
  tier: 'HUB_TIER',
  units: 'HUB_UNITS',
};

/** The settings that describe one hub. None of them may be set together with `HUBS`. */
export const singleHubSettings = [
  'IOTHUB_CONNECTION_STRING',
  'IOTHUB_HOSTNAME',
  'HUB_NAME',
  'HUB_EVENT_NAME',
  'HUB_TIER',
  'HUB_UNITS',
] as const;

/** Reads the hub that `singleHubSettings` describe. Returns a list of this hub; an empty list after a problem was reported. */
export function readSingleHub(settings: Settings, defaults: HubDefaults, report: Report): HubConfig[] {
  if (settings.IOTHUB_CONNECTION_STRING === undefined && settings.IOTHUB_HOSTNAME === undefined) {
    report(
      'IOTHUB_CONNECTION_STRING',
      "is missing: write the hub's connection string, or its host name in IOTHUB_HOSTNAME (managed identity), or several hubs in HUBS",
    );
    return [];
  }
  const source = {
    name: settings.HUB_NAME,
    eventName: settings.HUB_EVENT_NAME,
    hostName: settings.IOTHUB_HOSTNAME,
    connectionString: settings.IOTHUB_CONNECTION_STRING,
    tier: settings.HUB_TIER,
    units: readUnits(settings.HUB_UNITS),
  };
  const { hub } = readHub(source, defaults, labels, report);
  return hub === undefined ? [] : [hub];
}

function readUnits(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  return /^\d{1,9}$/.test(written) ? Number(written) : Number.NaN;
}
