import * as z from 'zod/mini';
import type { HubConfig } from './config.ts';
import { jsonPath, objectOf, readJson } from './jsonSetting.ts';
import { type HubLabels, readHub } from './readHub.ts';
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
  name: text('the name that the events of the hub have, such as "contoso"'),
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

/**
 * Reads `HUBS`; `defaultBudgetPercent` is for every entry without `budgetPercent`. A hub with a problem is not returned.
 * If one field of an entry is invalid, its other fields are still checked, so that all problems are reported at once.
 */
export function readHubs(json: string, defaultBudgetPercent: number, report: Report): HubConfig[] {
  const read = readJson(json, hubsSchema);
  if (!read.ok) {
    for (const { path, message } of read.problems) report(`HUBS${path}`, message);
    return [];
  }
  const hubs = read.value.map((entry, index) => readEntry(entry, index, defaultBudgetPercent, report));
  reportDuplicates(hubs, report);
  return hubs.filter((hub) => hub !== undefined);
}

function readEntry(entry: unknown, index: number, defaultBudgetPercent: number, report: Report): HubConfig | undefined {
  const parsed = hubSchema.safeParse(entry);
  if (parsed.success) return readSource(parsed.data, index, defaultBudgetPercent, report);
  const { issues } = parsed.error;
  for (const { path, message } of issues) report(`HUBS${jsonPath([index, ...path])}`, message);
  if (typeof entry !== 'object' || entry === null) return undefined;
  const wrong = new Set(issues.flatMap((issue) => (issue.code === 'unrecognized_keys' ? issue.keys : [issue.path[0]])));
  const rest = hubSchema.safeParse(Object.fromEntries(Object.entries(entry).filter(([key]) => !wrong.has(key))));
  if (!rest.success) return undefined;
  const { hostName: hostLabel } = labelsOf(index);
  readSource(rest.data, index, defaultBudgetPercent, (setting, message) => {
    // The host name may seem to be missing only because it was invalid and removed above.
    if (setting !== hostLabel || rest.data.hostName !== undefined) report(setting, message);
  });
  return undefined;
}

function readSource(
  { budgetPercent, ...source }: HubJson,
  index: number,
  defaultBudgetPercent: number,
  report: Report,
): HubConfig | undefined {
  return readHub(source, budgetPercent ?? defaultBudgetPercent, labelsOf(index), report);
}

/** Two entries for one hub would spend its budget twice; two hubs with one name would share documents and queues. */
function reportDuplicates(hubs: readonly (HubConfig | undefined)[], report: Report): void {
  for (const [index, hub] of hubs.entries()) {
    if (hub === undefined) continue;
    const before = hubs.slice(0, index);
    const sameHost = before.findIndex((other) => other?.hostName.toLowerCase() === hub.hostName.toLowerCase());
    const sameName = before.findIndex((other) => other?.name === hub.name);
    if (sameHost >= 0) report(`HUBS[${index}].hostName`, `is also in HUBS[${sameHost}]; write every hub only once`);
    else if (sameName >= 0) report(`HUBS[${index}].name`, `is also in HUBS[${sameName}]; give every hub its own name`);
  }
}

function labelsOf(index: number): HubLabels {
  const label = (field: string) => `HUBS[${index}].${field}`;
  return {
    name: label('name'),
    hostName: label('hostName'),
    connectionString: label('connectionString'),
    tier: label('tier'),
    units: label('units'),
  };
}
