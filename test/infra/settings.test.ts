import { beforeAll, describe, expect, test } from '@jest/globals';
import { functionTimeoutSeconds } from '../../shared/config/functionTimeout.ts';
import { readConfig } from '../../shared/config/readConfig.ts';
import { settingNames } from '../../shared/config/settingNames.ts';
import { singleHubSettings } from '../../shared/config/singleHubSettings.ts';
import { defaultSweepSchedule } from '../../shared/config/sweepSchedule.ts';
import { maxUnits, tiers } from '../../shared/config/tierLimits.ts';
import { defaultModuleId } from '../../shared/policy/moduleId.ts';
import { type BicepFile, type BicepReader, bicepReader, nodesIn } from './bicepFile.ts';
import { type BicepValue, bodyOf, Expression, plainValue, propertiesOf, under } from './bicepValue.ts';

/** Settings that the code reads and the template leaves out on purpose. */
const leftOut: Record<string, string> = {
  ...Object.fromEntries(singleHubSettings.map((name) => [name, 'HUBS takes their place, for one hub too'])),
  AzureWebJobsStorage: 'a connection string, which storage without shared keys has not',
  AzureWebJobsStorage__accountName: 'the addresses of the two services are set, which hold in every cloud',
  HUB_TOKEN_DOMAINS: 'the template keeps hubs of Azure alone',
};

/** What the expressions of the settings come to in a deployment. */
const deployed: Record<string, string> = {
  'storage.properties.primaryEndpoints.blob': 'https://keeper.blob.core.windows.net/',
  'storage.properties.primaryEndpoints.queue': 'https://keeper.queue.core.windows.net/',
  'identity.properties.clientId': '11111111-2222-3333-4444-555555555555',
  "'ClientId=${identity.properties.clientId};Authorization=AAD'":
    'ClientId=11111111-2222-3333-4444-555555555555;Authorization=AAD',
  'insights.properties.ConnectionString':
    'InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint=https://x.in.applicationinsights.azure.com/',
  'string(hubs)': '',
  moduleId: defaultModuleId,
  "empty(policy) ? '' : string(policy)": '',
  sweepSchedule: defaultSweepSchedule,
  'string(hubBudgetPercent)': '50',
  'string(sliceSeconds)': '240',
};

let read: BicepReader;
let settings: Record<string, BicepValue>;
beforeAll(async () => {
  read = await bicepReader();
  const body = bodyOf(read('app/functionApp.bicep').find('resource', 'settings').value);
  settings = under(body, 'properties') as Record<string, BicepValue>;
});

/** What the template sets, in a deployment with these entries of HUBS. */
function deployedSettings(hubs: unknown[]): Record<string, string> {
  const value = (written: BicepValue | undefined) => {
    if (!(written instanceof Expression)) return String(written);
    if (written.text === 'string(hubs)') return JSON.stringify(hubs);
    const known = deployed[written.text];
    if (known === undefined) throw new Error(`what comes of ${written.text}?`);
    return known;
  };
  return Object.fromEntries(Object.entries(settings).map(([name, written]) => [name, value(written)]));
}

/** An entry of HUBS as main.bicep writes it. */
function writtenEntry(): Record<string, BicepValue> {
  const app = bodyOf(read('main.bicep').find('module', 'functionApp').value);
  const params = propertiesOf(app).find(([key]) => key === 'params')?.[1];
  const hubs = params && propertiesOf(params).find(([key]) => key === 'hubs')?.[1];
  return plainValue(bodyOf(hubs)) as Record<string, BicepValue>;
}

/** An entry of HUBS: the keys of `writtenEntry`, with the values that hubs.json or the hub gives. */
function hubEntry(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(writtenEntry()).map((key) => [key, values[key]]));
}

const entry = {
  hostName: 'contoso.azure-devices.net',
  tier: 'S2',
  units: 3,
  budgetPercent: 25,
  paused: true,
  limits: {},
};

describe('the settings of the template', () => {
  test('are all that the code reads, but those left out for a reason', () => {
    const set = Object.keys(settings);
    const missing = settingNames.filter((name) => !set.includes(name) && leftOut[name] === undefined);
    expect(missing).toEqual([]);
    expect(set.filter((name) => leftOut[name] !== undefined)).toEqual([]);
    expect(Object.keys(leftOut).filter((name) => !(settingNames as readonly string[]).includes(name))).toEqual([]);
  });

  test('are none that nobody reads', () => {
    const known: readonly string[] = settingNames;
    expect(Object.keys(settings).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('are good settings, by which the app reaches hubs and storage with its identity', () => {
    const result = readConfig(deployedSettings([hubEntry(entry)]));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { hubs, storage, sliceSeconds, policy } = result.config;
    expect(hubs).toMatchObject([
      { name: 'contoso', auth: { kind: 'entra' }, tier: 'S2', units: 3, budgetPercent: 25, paused: true },
    ]);
    expect(storage).toEqual({
      kind: 'identity',
      blobServiceUri: 'https://keeper.blob.core.windows.net',
      queueServiceUri: 'https://keeper.queue.core.windows.net',
      clientId: '11111111-2222-3333-4444-555555555555',
    });
    expect(sliceSeconds).toBe(240);
    expect(policy.map(({ moduleId }) => moduleId)).toEqual([defaultModuleId]);
  });

  test('say of each hub all that hubs.json can say of it, and HUBS can hear', () => {
    expect(Object.values(hubEntry(entry))).not.toContain(undefined);
    const limits = { registryOpsPerMinute: 500 };
    const result = readConfig(deployedSettings([hubEntry({ ...entry, limits, paused: false })]));
    expect(result.ok && result.config.hubs[0]).toMatchObject({ paused: false, limits });
  });

  test('take of the hub itself what hubs.json does not say', () => {
    // As it is, at the version that the other templates know hubs by.
    const { of } = read('hub/access.bicep').find('resource', 'iotHub');
    const hub = `reference(hubIds[index], '${of?.split('@')[1]}', 'Full')`;
    const texts = Object.entries(writtenEntry()).map(([key, value]) => [key, (value as Expression).text]);
    expect(Object.fromEntries(texts)).toEqual({
      hostName: `${hub}.properties.hostName`,
      tier: `one.?tier ?? ${hub}.sku.name`,
      units: `one.?units ?? ${hub}.sku.capacity`,
      budgetPercent: 'one.?budgetPercent ?? hubBudgetPercent',
      paused: 'one.?paused ?? false',
      limits: 'one.?limits ?? {}',
    });
    const ids = read('main.bicep').find('var', 'hubIds').value?.text.replace(/\s+/g, ' ');
    expect(ids).toContain("one.resourceGroup, 'Microsoft.Devices/IotHubs', one.name )");
    expect(ids).toContain('one.?subscriptionId ?? subscription().subscriptionId');
  });

  test('carry the same client id to storage, hubs and telemetry', () => {
    expect(settings.AzureWebJobsStorage__clientId).toEqual(new Expression('identity.properties.clientId'));
    expect(settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING).toMatchObject({
      text: expect.stringMatching(/^'ClientId=\$\{identity\.properties\.clientId\};Authorization=AAD'$/),
    });
  });
});

describe('the parameters of the template', () => {
  const defaults = (file: BicepFile, name: string) => {
    const { value } = file.find('param', name);
    return value && plainValue(value);
  };
  /** The number in a decorator such as `@maxValue(540)` before a parameter or field. */
  const bound = (file: BicepFile, decorator: string, name: string) => {
    const declared = new RegExp(`@${decorator}\\((\\d+)\\)\\n(?:\\s*@.*\\n)*\\s*(?:param )?${name}\\b`);
    return Number(declared.exec(file.tree.text)?.[1]);
  };

  test('have the defaults and the bounds of the code', () => {
    const main = read('main.bicep');
    const plain = readConfig({ ...deployedSettings([hubEntry(entry)]), HUB_BUDGET_PERCENT: '', SLICE_SECONDS: '' });
    expect(defaults(main, 'sliceSeconds')).toBe(plain.ok && plain.config.sliceSeconds);
    expect(bound(main, 'maxValue', 'sliceSeconds')).toBe(functionTimeoutSeconds - 60);
    expect(defaults(main, 'sweepSchedule')).toBe(defaultSweepSchedule);
    expect(defaults(main, 'moduleId')).toBe(defaultModuleId);
    const { budgetPercent: _left, ...rest } = hubEntry(entry);
    const fallback = readConfig({ ...deployedSettings([rest]), HUB_BUDGET_PERCENT: '' });
    expect(defaults(main, 'hubBudgetPercent')).toBe(fallback.ok && fallback.config.hubs[0]?.budgetPercent);
    expect(bound(main, 'maxValue', 'hubBudgetPercent')).toBe(100);
  });

  test('take the tiers and units that the code takes', () => {
    const types = read('types.bicep');
    const union = [...nodesIn(types.tree)].find(
      ({ type, text }) => type === 'object_property' && text.startsWith('tier'),
    );
    expect([...(union?.text ?? '').matchAll(/'(\w+)'/g)].map(([, tier]) => tier)).toEqual([...tiers]);
    expect(bound(types, 'maxValue', 'units')).toBe(Math.max(...tiers.map(maxUnits)));
  });
});
