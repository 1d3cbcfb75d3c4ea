import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readDeviceCreated } from '../../shared/intake/readDeviceCreated.ts';
import { type BicepReader, bicepReader, root } from './bicepFile.ts';
import { bodyOf, type Expression, plainValue, under } from './bicepValue.ts';

let read: BicepReader;
beforeAll(async () => {
  read = await bicepReader();
});

const text = (path: string) => readFileSync(join(root, path), 'utf8');
const body = (path: string, resource: string) => bodyOf(read(path).find('resource', resource).value);

/** What the app registers: trigger and name of each function, and the queues that they listen to. */
const sources = readdirSync(join(root, 'functions'))
  .filter((name) => name.endsWith('.ts'))
  .map((name) => text(`functions/${name}`));
const functionsOf = (trigger: string) =>
  sources.flatMap((source) =>
    [...source.matchAll(new RegExp(`app\\.${trigger}(?:<\\w+>)?\\(\\s*'(\\w+)'`, 'g'))].map(([, name]) => name),
  );
const queues = sources.flatMap((source) => [...source.matchAll(/queueName: '([\w-]+)'/g)].map(([, name]) => name));

describe('the names in the templates', () => {
  test('of the function that takes events, and of the events, are those of the code', () => {
    const subscription = body('hub/subscription.bicep', 'subscription');
    const { text: target } = under(subscription, 'properties', 'destination', 'properties', 'resourceId') as Expression;
    expect(functionsOf('eventGrid')).toEqual([/^'\$\{app\.id\}\/functions\/(\w+)'$/.exec(target)?.[1]]);
    const hubs = new Map([['contoso', 'contoso']]);
    for (const eventType of under(subscription, 'properties', 'filter', 'includedEventTypes') as string[]) {
      const event = { eventType, data: { hubName: 'contoso', deviceId: 'a' } };
      expect(readDeviceCreated(event, hubs)).toEqual({ key: { hub: 'contoso', deviceId: 'a' } });
    }
    const always = read('app/functionApp.bicep').tree.text;
    expect(functionsOf('eventGrid')).toContain(/'function:(\w+)'/.exec(always)?.[1]);
  });

  test('of containers and queues are those of the code', () => {
    const storage = read('app/storage.bicep');
    const inUse = /containerName = '([\w-]+)'/.exec(text('shared/storage/storageClients.ts'))?.[1];
    const containers = storage.find('var', 'containers').value?.text ?? '';
    expect(containers).toContain(`'${inUse}'`);
    expect(queues).toContain(under(body('app/storage.bicep', 'wakeUps'), 'name'));
    const deadLetters = read('hub/subscription.bicep').find('var', 'deadLetters').value;
    expect(containers).toContain(deadLetters?.text);
  });

  test('of the service is that by which azd finds the app', () => {
    const { services } = parse(text('azure.yaml')) as { services: Record<string, unknown> };
    const { text: tags } = under(body('app/functionApp.bicep', 'app'), 'tags') as { text: string };
    expect(Object.keys(services)).toEqual([/'azd-service-name': '(\w+)'/.exec(tags)?.[1]]);
  });
});

describe('the template', () => {
  test('delivers an event again and again for a day, one at a time, and then keeps it', () => {
    const properties = under(body('hub/subscription.bicep', 'subscription'), 'properties');
    expect(properties).toMatchObject({
      eventDeliverySchema: 'EventGridSchema',
      retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
      destination: { properties: { maxEventsPerBatch: 1 } },
      deadLetterWithResourceIdentity: {
        identity: { type: 'SystemAssigned' },
        deadLetterDestination: { endpointType: 'StorageBlob' },
      },
    });
    expect(under(body('hub/topic.bicep', 'topic'), 'identity', 'type')).toBe('SystemAssigned');
    expect(under(body('hub/topic.bicep', 'topic'), 'properties', 'topicType')).toBe('Microsoft.Devices.IoTHubs');
  });

  test('puts the topic of a hub where the hub is, and none where hubs.json names one', () => {
    const events = read('events.bicep');
    const topics = events.find('module', 'topics').value;
    expect(under(bodyOf(topics), 'params', 'location')).toMatchObject({ text: 'iotHubs[index].location' });
    expect(under(body('hub/topic.bicep', 'topic'), 'location')).toMatchObject({ text: 'location' });
    expect(topics?.text).toContain('if (one.?systemTopic == null)');
    expect(events.find('var', 'topicNames').value?.text).toContain('one.?systemTopic ??');
    expect(read('types.bicep').tree.text).toMatch(/@minLength\(3\)\n\s*@maxLength\(50\)\n\s*systemTopic: string\?/);
  });

  test('has the alerts on dead letters go with the keeper, and a name for those of each hub', () => {
    const keeper = { text: 'resourceGroup(keeperSubscriptionId, keeperResourceGroup)' };
    const alerts = bodyOf(read('hub/subscription.bicep').find('module', 'deadLetterAlerts').value);
    expect(under(alerts, 'scope')).toMatchObject(keeper);
    expect(under(alerts, 'params', 'topicId')).toMatchObject({ text: 'topic.id' });
    const rules = body('watch/deadLetterAlerts.bicep', 'rules');
    expect(under(rules, 'properties', 'scopes')).toMatchObject([{ text: 'topicId' }]);
    expect(under(rules, 'name')).toMatchObject({ text: expect.stringContaining('{hubName}') });
  });

  test('caps telemetry only where a cap is asked for', () => {
    const { value } = read('main.bicep').find('param', 'dailyCapGb');
    expect(value?.text).toBe('0');
    const insights = bodyOf(read('main.bicep').find('module', 'insights').value);
    expect(under(insights, 'params', 'dailyCapGb')).toMatchObject({ text: 'dailyCapGb' });
    expect(under(body('watch/insights.bicep', 'workspace'), 'properties', 'workspaceCapping')).toEqual({
      dailyQuotaGb: expect.objectContaining({ text: 'dailyCapGb == 0 ? -1 : dailyCapGb' }),
    });
  });

  test('runs the app on the Node that it is built for, on Flex Consumption', () => {
    const { engines } = JSON.parse(text('package.json')) as { engines: { node: string } };
    const runtime = under(body('app/functionApp.bicep', 'app'), 'properties', 'functionAppConfig', 'runtime');
    expect(runtime).toEqual({ name: 'node', version: engines.node.replace('>=', '') });
    expect(text('scripts/bundle.ts')).toContain(`target: 'node${engines.node.replace('>=', '')}'`);
    expect(under(body('app/functionApp.bicep', 'plan'), 'sku')).toEqual({ tier: 'FlexConsumption', name: 'FC1' });
    // Microsoft: "Deprecated properties and settings" of Flex Consumption.
    const refused = ['ftpsState', 'alwaysOn', 'use32BitWorkerProcess', 'linuxFxVersion', 'functionAppScaleLimit'];
    const site = under(body('app/functionApp.bicep', 'app'), 'properties') as { siteConfig: object };
    expect(Object.keys({ ...site, ...site.siteConfig }).filter((name) => refused.includes(name))).toEqual([]);
    const settings = Object.keys(plainValue(body('app/functionApp.bicep', 'settings')) as object);
    expect(settings).not.toContain('FUNCTIONS_WORKER_RUNTIME');
  });
});
