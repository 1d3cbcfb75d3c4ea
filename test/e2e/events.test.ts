import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toCloudEvent } from '../../local/eventGrid/eventGridEvent.ts';
import { hubClient } from '../../local/hubClient.ts';
import { holdLease, watchUntil } from './holdLease.ts';
import { agent, deviceCreatedSample, TestCloud, unusualIds } from './testCloud.ts';

async function createDevice({ cloud: { emulator } }: TestCloud, deviceId: string): Promise<void> {
  const client = await hubClient(emulator.connectionString, emulator.caFile);
  await client.createDevice(deviceId);
  client.close();
}

describe('a DeviceCreated event', () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await TestCloud.start();
  });
  afterAll(() => cloud.cloud.close());

  test.each([
    ['in the Event Grid schema', (event: ReturnType<typeof deviceCreatedSample>) => [event]],
    ['as a CloudEvent', toCloudEvent],
  ])(
    '%s, as in the sample of Microsoft, creates the module once although it is sent three times',
    async (_schema, shape) => {
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
    },
  );

  test.each(unusualIds)('creates the module of the device %s', async (deviceId) => {
    cloud.hub.createDevice({ deviceId });
    expect(await cloud.postEvents([deviceCreatedSample(deviceId, 'Contoso')])).toBe(202);
    await cloud.untilModule(deviceId);
  });

  test('creates the modules of devices with unusual ids through the queue while a worker holds the lease', async () => {
    const ids = unusualIds.map((id) => `${id.slice(0, 126)}-q`);
    for (const deviceId of ids) cloud.hub.createDevice({ deviceId });
    await holdLease(cloud, async () => {
      for (const deviceId of ids) expect(await cloud.postEvents([deviceCreatedSample(deviceId)])).toBe(202);
      expect(ids.filter((deviceId) => cloud.hub.module(deviceId, agent))).toEqual([]);
    });
    const haveIt = () => ids.every((deviceId) => cloud.hub.module(deviceId, agent) !== undefined);
    await watchUntil(cloud, 'all devices get their module', haveIt);
  });

  test.each([
    ['an empty object', {}],
    ['of an unknown hub', [deviceCreatedSample('a', 'fabrikam')]],
    ['of a hub name with a host name', [deviceCreatedSample('a', 'evil.example:443/')]],
    ['of another type', [{ ...deviceCreatedSample('a'), eventType: 'Microsoft.Devices.DeviceDeleted' }]],
    ['about a module', [{ ...deviceCreatedSample('a'), data: { hubName: 'contoso', deviceId: 'a', moduleId: 'm' } }]],
    ['of an invalid device id', [deviceCreatedSample('a/../b')]],
    ['of the device id ..', [deviceCreatedSample('..')]],
    ['of a device id with a line break', [deviceCreatedSample('a\nb')]],
    ['of a device id of 100,000 characters', [deviceCreatedSample('x'.repeat(100_000))]],
    [
      'deeply nested',
      [{ ...deviceCreatedSample('a', 'none'), data: JSON.parse(`${'['.repeat(50)}${']'.repeat(50)}`) }],
    ],
    [
      'an object with the key __proto__',
      [JSON.parse('{"__proto__":{"eventType":"Microsoft.Devices.DeviceCreated"},"data":{}}')],
    ],
  ])('is acknowledged without a call to the hub when it is %s', async (_what, body) => {
    const before = cloud.hubCalls();
    expect(await cloud.postEvents(body)).toBe(202);
    expect(cloud.hubCalls()).toBe(before);
  });

  test.each([
    ['a number', 7],
    ['null', [null]],
    ['a text', ['a']],
    ['nested deeper than the host reads', [{ data: JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`) }]],
  ])('is refused by the host, and the function does not run, when it is %s', async (_what, body) => {
    const runs = () => cloud.cloud.host.logs().split("Executing 'Functions.deviceCreated'").length;
    const before = runs();
    expect(await cloud.postEvents(body)).toBe(500);
    expect(runs()).toBe(before);
  });

  // After the tests that count calls: a missing device is looked for several times.
  test('creates no module on an Edge device or a missing device', async () => {
    cloud.hub.createDevice({ deviceId: 'edge-1', edge: true });
    await cloud.postEvents([deviceCreatedSample('edge-1')]);
    await cloud.postEvents([deviceCreatedSample('never-there')]);
    const { body } = await cloud.json<{ modules: unknown }>('GET', cloud.modulesPath('edge-1'));
    expect(body.modules).toMatchObject([{ moduleId: agent, state: 'excluded', reason: 'edge' }]);
    expect(cloud.hub.module('edge-1', agent)).toBeUndefined();
  });

  test('is acknowledged before the new device is readable, and the module is created later', async () => {
    // Readable before the third try, 20 s after the first, and not before the first two, however late they are.
    const slow = await TestCloud.start({ hub: { name: 'contoso', tier: 'S3', readableAfterMs: 15_000 } });
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
