import * as z from 'zod/mini';
import type { ConfigProblem, HubConfig, HubOutOfService } from './config.ts';
import { hubHost } from './hubAddress.ts';
import { jsonPath, objectOf, readJson } from './jsonSetting.ts';
import { type HubDefaults, type HubLabels, type HubRead, readHub } from './readHub.ts';
import type { Report } from './settings.ts';

const percent = 'write a whole number from 1 to 100';
const hubList = 'write a list with one object for each hub, such as [{"hostName":"contoso.azure-devices.net"}]';

const text = (what: string) =>
  z.exactOptional(
    z.string({ error: `write ${what}` }).check(z.minLength(1, { error: `write ${what}, or leave it out` })),
  );
const limit = z.exactOptional(
  z.number({ error: 'write a number above 0' }).check(z.gt(0, { error: 'write a number above 0' })),
);

const hubSchema = objectOf({
  name: text('a name for the hub, such as "contoso"'),
  eventName: text('the name that the events of the hub have (data.hubName), such as "contoso"'),
  hostName: text('the host name, such as "contoso.azure-devices.net"'),
  connectionString: text('the connection string of a shared access policy of the hub'),
  tier: text('the tier, such as "S1"'),
  units: z.exactOptional(z.number({ error: 'write the number of units' })),
  budgetPercent: z.exactOptional(
    z.int({ error: percent }).check(z.minimum(1, { error: percent }), z.maximum(100, { error: percent })),
  ),
  paused: z.exactOptional(z.boolean({ error: 'write true or false' })),
  limits: z.exactOptional(
    objectOf({
      registryOpsPerMinute: limit,
      queriesPerMinute: limit,
      twinReadsPerSecond: limit,
      twinWritesPerSecond: limit,
    }),
  ),
});

type HubJson = z.infer<typeof hubSchema>;

const hubsSchema = z.array(z.unknown(), { error: hubList }).check(z.minLength(1, { error: hubList }));

/** The hubs of `HUBS`: those with valid settings, and those out of service because of a problem. */
export interface HubsRead {
  hubs: HubConfig[];
  outOfService: HubOutOfService[];
}

/**
 * Reads `HUBS`; `defaults` are for the fields that an entry leaves out. A hub with problems is returned as out of service.
 * Problems are reported only if no valid hub remains, or if the value is not a list. If one field of an entry is invalid, its
 * other fields are still checked, so that all problems are found at once.
 */
export function readHubs(json: string, defaults: HubDefaults, report: Report): HubsRead {
  const read = readJson(json, hubsSchema);
  if (!read.ok) {
    for (const { path, message } of read.problems) report(`HUBS${path}`, message);
    return { hubs: [], outOfService: [] };
  }
  const entries = read.value.map((entry, index) => {
    const problems: ConfigProblem[] = [];
    const add: Report = (setting, message) => problems.push({ setting, message });
    return { ...readEntry(entry, index, defaults, add), problems };
  });
  reportDuplicates(entries);
  const hubs = entries.flatMap(({ hub, problems }) => (hub && problems.length === 0 ? [hub] : []));
  const outOfService = entries
    .filter(({ problems }) => problems.length > 0)
    .map(({ hub: _hub, ...rest }): HubOutOfService => rest);
  if (hubs.length === 0) {
    for (const { setting, message } of outOfService.flatMap(({ problems }) => problems)) report(setting, message);
  }
  return { hubs, outOfService };
}

function readEntry(entry: unknown, index: number, defaults: HubDefaults, report: Report): HubRead {
  const parsed = hubSchema.safeParse(entry);
  if (parsed.success) return readSource(parsed.data, index, defaults, report);
  const { issues } = parsed.error;
  for (const { path, message } of issues) report(`HUBS${jsonPath([index, ...path])}`, message);
  if (typeof entry !== 'object' || entry === null) return {};
  const wrong = new Set(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path[0]])));
  const rest = hubSchema.safeParse(Object.fromEntries(Object.entries(entry).filter(([key]) => !wrong.has(key))));
  if (!rest.success) return {};
  const { hostName: hostLabel } = labelsOf(index);
  return readSource(rest.data, index, defaults, (setting, message) => {
    // Not "host name is missing": an invalid host name was removed above, and its problem is already reported.
    if (setting !== hostLabel || rest.data.hostName !== undefined) report(setting, message);
  });
}

function readSource(
  { budgetPercent, ...source }: HubJson,
  index: number,
  defaults: HubDefaults,
  report: Report,
): HubRead {
  return readHub(
    source,
    budgetPercent === undefined ? defaults : { ...defaults, budgetPercent },
    labelsOf(index),
    report,
  );
}

/**
 * Reports an entry that names the same hub, key or name in events as an earlier entry. Two entries for one hub would spend its
 * budget twice; two hubs with one key would share documents and queues. The problem is added to the later entry only.
 */
function reportDuplicates(entries: readonly (HubRead & { problems: ConfigProblem[] })[]): void {
  for (const [index, { hub, problems }] of entries.entries()) {
    if (hub === undefined) continue;
    const sameAs = (isSame: (other: HubConfig) => boolean) =>
      entries.slice(0, index).findIndex((other) => other.hub !== undefined && isSame(other.hub));
    const host = sameAs(({ hostName }) => hubHost(hostName) === hubHost(hub.hostName));
    const name = sameAs((other) => other.name === hub.name);
    const events = sameAs((other) => (other.eventName ?? other.name) === (hub.eventName ?? hub.name));
    const add = (field: string, message: string) => problems.push({ setting: `HUBS[${index}].${field}`, message });
    if (host >= 0) add('hostName', `is also in HUBS[${host}]; write every hub only once`);
    else if (name >= 0) add('name', `is also in HUBS[${name}]; give every hub its own name`);
    else if (events >= 0) add('eventName', `is also in HUBS[${events}]; every hub has its own name in events`);
  }
}

function labelsOf(index: number): HubLabels {
  const label = (field: string) => `HUBS[${index}].${field}`;
  return {
    name: label('name'),
    eventName: label('eventName'),
    hostName: label('hostName'),
    connectionString: label('connectionString'),
    tier: label('tier'),
    units: label('units'),
  };
}
