import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readDeviceCreated } from '../../shared/intake/readDeviceCreated.ts';
import { compiled, predicted, readText, resourcesOf, root, theOne, worlds } from './evaluated.ts';

/** What the app registers: trigger and name of each function, and the queues that they listen to. */
const sources = readdirSync(join(root, 'functions'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readText(`functions/${name}`));
const functionsOf = (trigger: string) =>
  sources.flatMap((source) =>
    [...source.matchAll(new RegExp(`app\\.${trigger}(?:<\\w+>)?\\(\\s*'(\\w+)'`, 'g'))].map(([, name]) => name),
  );
const queues = sources.flatMap((source) => [...source.matchAll(/queueName: '([\w-]+)'/g)].map(([, name]) => name));

const subscriptions = (world: (typeof worlds)[number]) =>
  predicted(world, 'events').filter(({ type }) => type.endsWith('/eventSubscriptions'));
const app = (world: (typeof worlds)[number]) => theOne(world, 'main', 'Microsoft.Web/sites');

describe('the names in the templates', () => {
  test('of the function that takes events, and of the events, are those of the code', () => {
    for (const { properties } of subscriptions('threeHubs')) {
      const { resourceId } = properties.destination.properties;
      expect(functionsOf('eventGrid')).toEqual([resourceId.split('/functions/')[1]]);
      const hubs = new Map([['contoso', 'contoso']]);
      for (const eventType of properties.filter.includedEventTypes as string[]) {
        const event = { eventType, data: { hubName: 'contoso', deviceId: 'a' } };
        expect(readDeviceCreated(event, hubs)).toEqual({ key: { hub: 'contoso', deviceId: 'a' } });
      }
    }
    const [always] = app('threeHubs').properties.functionAppConfig.scaleAndConcurrency.alwaysReady;
    expect(functionsOf('eventGrid')).toContain(always.name.split(':')[1]);
    expect(app('oneHub').properties.functionAppConfig.scaleAndConcurrency.alwaysReady).toEqual([]);
  });

  test('of containers and queues are those of the code', () => {
    const inUse = /containerName = '([\w-]+)'/.exec(readText('shared/storage/storageClients.ts'))?.[1];
    const made = (type: string) =>
      predicted('oneHub', 'main')
        .filter((resource) => resource.type.endsWith(type))
        .map(({ name }) => name.split('/').at(-1));
    expect(made('/containers')).toEqual(['packages', inUse, 'dead-letters']);
    expect(queues).toEqual(expect.arrayContaining(made('/queues')));
    expect(app('oneHub').properties.functionAppConfig.deployment.storage.value).toContain("'packages'");
    const [{ properties } = { properties: undefined }] = subscriptions('oneHub');
    const { blobContainerName } = properties.deadLetterWithResourceIdentity.deadLetterDestination.properties;
    expect(made('/containers')).toContain(blobContainerName);
  });

  test('of the service is that by which azd finds the app', () => {
    const { services } = parse(readText('azure.yaml')) as { services: Record<string, unknown> };
    expect(Object.keys(services)).toEqual([app('oneHub').tags['azd-service-name']]);
  });

  test('of subscriptions are those of the app, so that two keepers on one topic have two', () => {
    for (const world of worlds) {
      for (const { name } of subscriptions(world)) expect(name.split('/')[1]).toBe('keeper-abc');
    }
    // Nested deployments in a group of hubs, too: two of one name cannot run at the same time.
    for (const phase of ['access', 'events'] as const) {
      for (const { type, name } of resourcesOf(compiled(phase))) {
        const differs = /parameters\('(principalId|functionAppName)'\)|variables\('suffixes'\)/;
        if (type === 'Microsoft.Resources/deployments') expect(name).toMatch(differs);
      }
    }
  });

  test('stay within the limits of Azure, also for a hub with the longest name', () => {
    const longest = 'h'.repeat(50);
    const topic = /format\('keeper-\{0\}-\{1\}', toLower\(take\([^,]+, (\d+)\)\)/.exec(
      JSON.stringify(compiled('events')),
    );
    expect(`keeper-${longest.slice(0, Number(topic?.[1]))}-${'x'.repeat(13)}`.length).toBeLessThanOrEqual(50);
    for (const phase of ['access', 'events'] as const) {
      for (const { type, name } of resourcesOf(compiled(phase))) {
        if (type !== 'Microsoft.Resources/deployments') continue;
        const [, prefix = '', taken] = /format\('([\w-]+)-\{0\}-\{1\}', take\([^,]+, (\d+)\)/.exec(name) ?? [];
        expect(`${prefix}-${'h'.repeat(Number(taken))}-${'x'.repeat(13)}`.length).toBeLessThanOrEqual(64);
      }
    }
    const account = theOne('oneHub', 'main', 'Microsoft.Storage/storageAccounts');
    expect(account.name).toMatch(/^[a-z0-9]{3,24}$/);
  });
});

describe('the template', () => {
  test('has an event delivered for a day, one event a request, and then kept as a dead letter', () => {
    for (const { properties } of subscriptions('threeHubs')) {
      expect(properties).toMatchObject({
        eventDeliverySchema: 'EventGridSchema',
        retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
        destination: { properties: { maxEventsPerBatch: 1 } },
        deadLetterWithResourceIdentity: {
          identity: { type: 'SystemAssigned' },
          deadLetterDestination: { endpointType: 'StorageBlob' },
        },
      });
    }
  });

  test('puts the topic of a hub where the hub is, and none where hubs.json names one', () => {
    const topics = predicted('threeHubs', 'events').filter(({ type }) => type === 'Microsoft.EventGrid/systemTopics');
    expect(topics.map(({ name }) => name)).toEqual([
      'keeper-contoso-eu-237gednoziway',
      'keeper-contoso-lab-5xywwap5ydtr6',
    ]);
    for (const { properties, location, identity } of topics) {
      expect(location).toContain(`reference('${properties.source}'`);
      expect(identity).toEqual({ type: 'SystemAssigned' });
      expect(properties.topicType).toBe('Microsoft.Devices.IoTHubs');
    }
    const own = subscriptions('threeHubs').find(({ name }) => name.startsWith('our-own-topic/'));
    expect(own?.id).toMatch(/^\/subscriptions\/44444444-4444-4444-4444-444444444444\/resourceGroups\/hubs-us\//);
  });

  test('puts the alerts on dead letters of each event subscription into the resource group of the keeper', () => {
    const events = subscriptions('threeHubs').map(({ id }) => id.split('/eventSubscriptions/'));
    const rules = predicted('threeHubs', 'deadLetters');
    expect(rules.map(({ properties }) => properties.criteria.allOf[0].metricName)).toEqual(
      events.flatMap(() => ['DeadLetteredCount', 'DroppedEventCount']),
    );
    for (const [index, { id, properties }] of rules.entries()) {
      const [topic, subscription] = events[Math.floor(index / 2)] ?? [];
      expect(id).toMatch(/^\/subscriptions\/11111111-[\d-]+\/resourceGroups\/rg-keeper\//);
      expect(properties.scopes).toEqual([topic]);
      const [{ metricNamespace, dimensions }] = properties.criteria.allOf;
      expect(metricNamespace).toBe('Microsoft.EventGrid/systemTopics');
      expect(dimensions).toEqual([{ name: 'EventSubscriptionName', operator: 'Include', values: [subscription] }]);
    }
    // Not in the deployment that events need: a rule that is refused must not stop them.
    expect(predicted('threeHubs', 'events').filter(({ type }) => type.startsWith('Microsoft.Insights/'))).toEqual([]);
  });

  test('caps telemetry only where a cap is asked for', () => {
    const cap = (world: (typeof worlds)[number]) =>
      theOne(world, 'main', 'Microsoft.OperationalInsights/workspaces').properties.workspaceCapping.dailyQuotaGb;
    expect([cap('oneHub'), cap('threeHubs')]).toEqual([-1, 2]);
  });

  test('runs the app on a supported Node that it can run on, on Flex Consumption', () => {
    const { engines } = JSON.parse(readText('package.json')) as { engines: { node: string } };
    const { runtime, siteUpdateStrategy } = app('oneHub').properties.functionAppConfig;
    expect(runtime).toEqual({ name: 'node', version: '24' });
    expect(Number(runtime.version)).toBeGreaterThanOrEqual(Number(engines.node.replace('>=', '')));
    expect(siteUpdateStrategy).toEqual({ type: 'RollingUpdate' });
    expect(theOne('oneHub', 'main', 'Microsoft.Web/serverfarms').sku).toEqual({ tier: 'FlexConsumption', name: 'FC1' });
    // Microsoft: "Deprecated properties and settings" of Flex Consumption.
    const refused = ['ftpsState', 'alwaysOn', 'use32BitWorkerProcess', 'linuxFxVersion', 'functionAppScaleLimit'];
    const { properties } = app('oneHub');
    expect(Object.keys({ ...properties, ...properties.siteConfig }).filter((name) => refused.includes(name))).toEqual(
      [],
    );
    const settings = predicted('oneHub', 'main').find(({ name }) => name.endsWith('/appsettings'));
    expect(Object.keys(settings?.properties)).not.toContain('FUNCTIONS_WORKER_RUNTIME');
  });

  test('deletes old dead letters and documents of runs, but no package, lease or document of a hub', () => {
    const { properties } = theOne('oneHub', 'main', 'Microsoft.Storage/storageAccounts/managementPolicies');
    const rules = properties.policy.rules.map(({ definition }: { definition: Record<string, never> }) => definition);
    expect(rules).toEqual([
      {
        filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: ['dead-letters/'] },
        actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } },
      },
      {
        filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: ['module-keeper/runs/'] },
        actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 180 } } },
      },
    ]);
  });

  test('keeps storage off the public network where that is asked for, and connects the app to it', () => {
    const account = (world: (typeof worlds)[number]) =>
      theOne(world, 'main', 'Microsoft.Storage/storageAccounts').properties;
    expect(account('oneHub')).toMatchObject({
      publicNetworkAccess: 'Enabled',
      networkAcls: { defaultAction: 'Allow' },
    });
    expect(app('oneHub').properties.virtualNetworkSubnetId ?? null).toBeNull();
    expect(predicted('oneHub', 'main').filter(({ type }) => type.startsWith('Microsoft.Network/'))).toEqual([]);

    expect(account('threeHubs')).toMatchObject({
      publicNetworkAccess: 'Disabled',
      networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices' },
    });
    const network = theOne('threeHubs', 'main', 'Microsoft.Network/virtualNetworks');
    expect(app('threeHubs').properties.virtualNetworkSubnetId).toBe(`${network.id}/subnets/app`);
    const ends = predicted('threeHubs', 'main').filter(({ type }) => type === 'Microsoft.Network/privateEndpoints');
    expect(ends.map(({ properties }) => properties.privateLinkServiceConnections[0].properties.groupIds)).toEqual([
      ['blob'],
      ['queue'],
    ]);
    const zones = predicted('threeHubs', 'main').filter(({ type }) => type === 'Microsoft.Network/privateDnsZones');
    expect(zones.map(({ name }) => /'(blob|queue)'/.exec(name)?.[1])).toEqual(['blob', 'queue']);
  });
});
