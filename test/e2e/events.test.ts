import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toCloudEvent } from '../../local/eventGrid/eventGridEvent.ts';
import { hubClient } from '../../local/hubClient.ts';
import { holdLease } from './holdLease.ts';
import { agent, deviceCreatedSample, TestCloud, unusualIds } from './testCloud.ts';

async function createDevice({ cloud: { emulator } }: TestCloud, deviceId: string): Promise<void> {
  const client = await hubClient(emulator.connectionString, emulator.caFile);
  await client.createDevice(deviceId);
  client.close();
}

describe('the event of a created device', () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await TestCloud.start();
  });
  afterAll(() => cloud.cloud.close());

  test.each([
    ["in Event Grid's schema", (event: ReturnType<typeof deviceCreatedSample>) => [event]],
    ['as a CloudEvent', toCloudEvent],
  ])("Microsoft's sample %s leads to the module, and three times to the same one", async (_schema, shape) => {
    const deviceId = `sample-${_schema.length}`;
    cloud.hub.createDevice({ deviceId });
    expect(await cloud.postEvents(shape(deviceCreatedSample(deviceId)))).toBe(202);
    await cloud.untilModule(deviceId);
    const keys = cloud.hub.keyHash(deviceId, agent);
    for (let again = 0; again < 2; again++) {
      expect(await cloud.postEvents(shape(deviceCreatedSample(deviceId)))).toBe(202);
    }
    expect(cloud.hub.modulesOf(deviceId).map(({ moduleId }) => moduleId)).toEqual([agent]);
    expect(cloud.hub.keyHash(deviceId, agent)).toBe(keys);
  });

  test.each(unusualIds)('reaches the device %s', async (deviceId) => {
    cloud.hub.createDevice({ deviceId });
    expect(await cloud.postEvents([deviceCreatedSample(deviceId, 'Contoso')])).toBe(202);
    await cloud.untilModule(deviceId);
  });

  test('reaches devices of every odd id by way of the queue while a worker is at work', async () => {
    const ids = unusualIds.map((id) => `${id.slice(0, 126)}-q`);
    for (const deviceId of ids) cloud.hub.createDevice({ deviceId });
    await holdLease(cloud, async () => {
      await delay(1_100); // what the app knew of the lease may be a second old
      for (const deviceId of ids) expect(await cloud.postEvents([deviceCreatedSample(deviceId)])).toBe(202);
      expect(ids.filter((deviceId) => cloud.hub.module(deviceId, agent))).toEqual([]);
    });
    await cloud.call('POST', '/admin/functions/watchHubs', '{"input":""}');
    for (const deviceId of ids) await cloud.untilModule(deviceId);
  });

  test.each([
    ['an empty object', {}],
    ['an array in an array', [[]]],
    ['a number', 7],
    ['null', [null]],
    ['a foreign hub', [deviceCreatedSample('a', 'fabrikam')]],
    ['a hub with a host name', [deviceCreatedSample('a', 'evil.example:443/')]],
    ['another type', [{ ...deviceCreatedSample('a'), eventType: 'Microsoft.Devices.DeviceDeleted' }]],
    ['a module event', [{ ...deviceCreatedSample('a'), data: { hubName: 'contoso', deviceId: 'a', moduleId: 'm' } }]],
    ['a device id that is none', [deviceCreatedSample('a/../b')]],
    ['..', [deviceCreatedSample('..')]],
    ['a line break', [deviceCreatedSample('a\nb')]],
    ['a huge id', [deviceCreatedSample('x'.repeat(100_000))]],
    [
      'deep data',
      [{ ...deviceCreatedSample('a', 'none'), data: JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`) }],
    ],
    ['a polluting key', [JSON.parse('{"__proto__":{"eventType":"Microsoft.Devices.DeviceCreated"},"data":{}}')]],
  ])('is acknowledged without a call to the hub when it is %s', async (_what, body) => {
    const before = cloud.hubCalls();
    expect(await cloud.postEvents(body)).toBe(202);
    expect(cloud.hubCalls()).toBe(before);
  });

  // Behind those that count calls: a device that is not there is looked for again and again.
  test('does not give a module to an Edge or a deleted device', async () => {
    cloud.hub.createDevice({ deviceId: 'edge-1', edge: true });
    await cloud.postEvents([deviceCreatedSample('edge-1')]);
    await cloud.postEvents([deviceCreatedSample('never-there')]);
    const { body } = await cloud.json<{ modules: unknown }>('GET', cloud.modulesPath('edge-1'));
    expect(body.modules).toEqual([{ moduleId: agent, state: 'excluded', reason: 'edge' }]);
    expect(cloud.hub.module('edge-1', agent)).toBeUndefined();
  });

  test('is acknowledged, and its device not lost, while the hub cannot read the new device yet', async () => {
    const slow = await TestCloud.start({ hub: { name: 'contoso', tier: 'S3', readableAfterMs: 7_000 } });
    try {
      await createDevice(slow, 'late');
      await slow.until('the event is acknowledged', () => slow.cloud.events.pending === 0);
      expect(slow.cloud.events.delivered).toBe(1);
      expect(slow.hub.module('late', agent)).toBeUndefined();
      await slow.untilModule('late');
    } finally {
      await slow.cloud.close();
    }
  });
});
