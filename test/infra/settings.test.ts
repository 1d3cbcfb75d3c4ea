import { describe, expect, test } from '@jest/globals';
import { functionTimeoutSeconds } from '../../shared/config/functionTimeout.ts';
import { readConfig } from '../../shared/config/readConfig.ts';
import { settingNames } from '../../shared/config/settingNames.ts';
import { singleHubSettings } from '../../shared/config/singleHubSettings.ts';
import { defaultSweepSchedule } from '../../shared/config/sweepSchedule.ts';
import { maxUnits, tiers } from '../../shared/config/tierLimits.ts';
import { defaultModuleId } from '../../shared/policy/moduleId.ts';
import { compiled, deployedValue, predicted, type World, worlds } from './evaluated.ts';

/** Settings that the code reads and the template leaves out on purpose. */
const leftOut: Record<string, string> = {
  ...Object.fromEntries(singleHubSettings.map((name) => [name, 'HUBS takes their place, for one hub too'])),
  AzureWebJobsStorage: 'a connection string, which storage without shared keys has not',
  TWIN_CHANGES_CONNECTION: 'a connection string, which an event hub without keys has not',
  AzureWebJobsStorage__accountName: 'the addresses of the two services are set, which hold in every cloud',
  HUB_TOKEN_DOMAINS: 'the template keeps hubs of Azure alone',
};
/** Read by a package, not by our settings. */
const readByPackages = ['AZURE_TOKEN_CREDENTIALS'];

const clientId = '11111111-2222-3333-4444-555555555555';
/** What is known in a deployment only. */
const live = {
  userAssignedIdentities: { clientId },
  storageAccounts: {
    primaryEndpoints: {
      blob: 'https://keeper.blob.core.windows.net/',
      queue: 'https://keeper.queue.core.windows.net/',
    },
  },
  components: {
    ConnectionString: `InstrumentationKey=${clientId};IngestionEndpoint=https://x.in.applicationinsights.azure.com/`,
  },
  namespaces: { serviceBusEndpoint: 'https://keeper.servicebus.windows.net:443/' },
  IotHubs: { properties: { hostName: 'contoso.azure-devices.net' }, sku: { name: 'S1', capacity: 2 } },
};

function settingsOf(world: World): Record<string, string> {
  const found = predicted(world, 'main').find(({ name }) => name.endsWith('/appsettings'));
  return found?.properties;
}

/** The settings as the app would find them; each hub has a host of its own. */
function deployedSettings(world: World): Record<string, string> {
  const values = Object.entries(settingsOf(world)).map(([name, text]) => {
    let count = 0;
    const IotHubs = {
      get properties() {
        return { hostName: `hub-${count++}.azure-devices.net` };
      },
      sku: live.IotHubs.sku,
    };
    return [name, String(deployedValue(text, { ...live, IotHubs }))];
  });
  return Object.fromEntries(values);
}

const { parameters, definitions } = compiled('main');

describe('the settings of the template', () => {
  test('include every setting that the code reads, except those that are left out for a reason', () => {
    const set = Object.keys(settingsOf('oneHub'));
    const missing = settingNames.filter((name) => !set.includes(name) && leftOut[name] === undefined);
    expect(missing).toEqual([]);
    expect(set.filter((name) => leftOut[name] !== undefined)).toEqual([]);
    expect(Object.keys(leftOut).filter((name) => !(settingNames as readonly string[]).includes(name))).toEqual([]);
  });

  test('are all read, by the code or by a package', () => {
    const known: readonly string[] = [...settingNames, ...readByPackages];
    expect(Object.keys(settingsOf('oneHub')).filter((name) => !known.includes(name))).toEqual([]);
  });

  test('are valid, and let the app reach hubs and storage with its identity and no other credential', () => {
    const result = readConfig(deployedSettings('oneHub'));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { hubs, storage, sliceSeconds, policySetting, outOfService } = result.config;
    expect(outOfService).toEqual([]);
    expect(hubs).toMatchObject([
      { name: 'hub-0', auth: { kind: 'entra' }, tier: 'S1', units: 2, budgetPercent: 50, paused: false },
    ]);
    expect(storage).toEqual({
      kind: 'identity',
      blobServiceUri: 'https://keeper.blob.core.windows.net',
      queueServiceUri: 'https://keeper.queue.core.windows.net',
      clientId,
    });
    expect(sliceSeconds).toBe(240);
    expect(settingsOf('oneHub').MODULE_ID).toBe(defaultModuleId);
    expect(policySetting).toBeUndefined(); // so that policy.json counts
    expect(settingsOf('oneHub').AZURE_TOKEN_CREDENTIALS).toBe('ManagedIdentityCredential');
  });

  test('have for each hub what hubs.json says, and read from the hub itself what it leaves out', () => {
    const result = readConfig(deployedSettings('threeHubs'));
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    const { hubs, policySetting } = result.config;
    expect(hubs).toMatchObject([
      { tier: 'S1', units: 2, budgetPercent: 50, paused: false },
      { tier: 'S2', units: 3, budgetPercent: 25, paused: false },
      { tier: 'S1', units: 2, budgetPercent: 50, paused: true, limits: { registryOpsPerMinute: 500 } },
    ]);
    expect(policySetting?.policy.map(({ moduleId }) => moduleId)).toEqual(['agent']);
    const { HUBS } = settingsOf('threeHubs');
    const read = [...(HUBS ?? '').matchAll(/reference\('([^']+)'/g)].map(([, id]) => id);
    const hub = (subscription: string, group: string, name: string) =>
      `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Devices/IotHubs/${name}`;
    expect(new Set(read)).toEqual(
      new Set([
        hub('11111111-1111-1111-1111-111111111111', 'Hubs-EU', 'Contoso-EU'),
        hub('44444444-4444-4444-4444-444444444444', 'hubs-us', 'contoso-us'),
        hub('11111111-1111-1111-1111-111111111111', 'hubs-eu', 'contoso-lab'),
      ]),
    );
    // resourceId() with a subscription is documented as unsupported in a deployment to a subscription.
    expect(JSON.stringify(compiled('main').resources)).not.toMatch(/[^a-zA-Z]resourceId\([^)]*IotHubs/);
  });

  test('keep the other hubs in service beside one of an unknown tier, also one with two dashes in its name', () => {
    const { HUBS = '' } = deployedSettings('threeHubs');
    const [first, second, third] = JSON.parse(HUBS);
    const changed = [{ ...first, tier: 'GEN3' }, { ...second, hostName: 'contoso--eu.azure-devices.net' }, third];
    const result = readConfig({ ...deployedSettings('threeHubs'), HUBS: JSON.stringify(changed) });
    if (!result.ok) throw new Error(JSON.stringify(result.problems));
    expect(result.config.hubs.map(({ name }) => name)).toEqual(['contoso-eu', 'hub-2']);
    expect(result.config.outOfService).toMatchObject([{ name: 'hub-0', problems: [{ setting: 'HUBS[0].tier' }] }]);
  });

  test('turn on the trigger for twin changes only where that is asked for, with the identity and no key', () => {
    expect(readConfig(deployedSettings('oneHub'))).not.toHaveProperty('twinChanges');
    const settings = deployedSettings('threeHubs');
    expect(settings.TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace).toBe('keeper.servicebus.windows.net');
    expect(settings.TWIN_CHANGES_CONNECTION__credential).toBe('managedidentity');
    expect(settings.TWIN_CHANGES_CONNECTION__clientId).toBe(clientId);
    const made = (type: string) =>
      predicted('threeHubs', 'main')
        .filter((resource) => resource.type.startsWith('Microsoft.EventHub/') && resource.type.endsWith(type))
        .map(({ name }) => name.split('/').at(-1));
    const result = readConfig(settings);
    expect(result.twinChanges).toEqual({ eventHub: made('/eventhubs')[0], consumerGroup: made('/consumergroups')[0] });
    // Without a setting the app reads the group of the same name.
    expect(readConfig({ ...settings, TWIN_CHANGES_CONSUMER_GROUP: '' }).twinChanges).toEqual(result.twinChanges);
    const [namespace] = predicted('threeHubs', 'main').filter(({ type }) => type === 'Microsoft.EventHub/namespaces');
    expect(namespace).toMatchObject({ sku: { name: 'Standard' }, properties: { disableLocalAuth: true } });
    expect(predicted('oneHub', 'main').filter(({ type }) => type.startsWith('Microsoft.EventHub/'))).toEqual([]);
  });

  test('turn on the tools for assistants only where that is asked for', () => {
    expect(readConfig(deployedSettings('oneHub'))).not.toHaveProperty('assistantTools');
    expect(readConfig(deployedSettings('threeHubs')).assistantTools).toBe('read');
    expect(parameters.assistantTools?.allowedValues).toEqual(['off', 'read', 'start']);
  });

  test.each(worlds)('carry the same client id to storage, hubs and telemetry: %s', (world) => {
    const settings = deployedSettings(world);
    expect(settings.AzureWebJobsStorage__clientId).toBe(clientId);
    expect(settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING).toBe(`ClientId=${clientId};Authorization=AAD`);
  });
});

describe('the parameters of the template', () => {
  test('have the defaults and the bounds of the code', () => {
    const plain = readConfig({ ...deployedSettings('oneHub'), HUB_BUDGET_PERCENT: '', SLICE_SECONDS: '' });
    if (!plain.ok) throw new Error(JSON.stringify(plain.problems));
    const bareHub = readConfig({
      ...deployedSettings('oneHub'),
      HUB_BUDGET_PERCENT: '',
      HUBS: '[{"hostName":"contoso.azure-devices.net"}]',
    });
    expect(parameters.sliceSeconds).toMatchObject({
      defaultValue: plain.config.sliceSeconds,
      maxValue: functionTimeoutSeconds - 60,
    });
    expect(parameters.sweepSchedule?.defaultValue).toBe(defaultSweepSchedule);
    expect(parameters.moduleId?.defaultValue).toBe(defaultModuleId);
    expect(parameters.hubBudgetPercent).toMatchObject({
      defaultValue: bareHub.ok && bareHub.config.hubs[0]?.budgetPercent,
      maxValue: 100,
    });
  });

  test('accept the tiers and units that the code accepts', () => {
    const { tier, units } = definitions?.hub?.properties ?? {};
    expect([...(tier?.allowedValues ?? [])].sort()).toEqual([...tiers].sort());
    expect(units?.maxValue).toBe(Math.max(...tiers.map(maxUnits)));
  });

  test('offer the regions that have Flex Consumption, by a list that azd shows', () => {
    expect(parameters.location).toMatchObject({ metadata: { azd: { type: 'location' } } });
    const regions = parameters.location?.allowedValues as string[];
    expect(regions).toContain('westeurope');
    expect(regions).toEqual([...regions].sort());
    expect(regions.filter((region) => !/^[a-z]+\d?$/.test(region))).toEqual([]);
  });
});
