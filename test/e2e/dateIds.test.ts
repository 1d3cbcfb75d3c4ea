import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toCloudEvent } from '../../local/eventGrid/eventGridEvent.ts';
import { hubClient } from '../../local/hubClient.ts';
import { holdLease, watchUntil } from './holdLease.ts';
import { agent, deviceCreatedSample, TestCloud } from './testCloud.ts';

/** Legal device ids, which the host rewrites in `data.deviceId` of an event. */
const dateIds = ['2020-01-01T00:00:00+02:00', '2026-11-28T16:58:15.1230000Z'];

describe('a device whose id is a date with a time', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start();
  });
  afterAll(() => cloud.cloud.close());

  const modulesOf = (deviceId: string) => cloud.hub.modulesOf(deviceId).map(({ moduleId }) => moduleId);

  test.each(dateIds)('%s gets its module when it is created on the hub', async (deviceId) => {
    const { connectionString, caFile } = cloud.cloud.emulator;
    const client = await hubClient(connectionString, caFile);
    await client.createDevice(deviceId);
    client.close();
    await cloud.untilModule(deviceId);
    expect(modulesOf(deviceId)).toEqual([agent]);
  });

  test.each(dateIds)('%s gets its module by a CloudEvent', async (id) => {
    const deviceId = id.replace(/^20/, '19');
    cloud.hub.createDevice({ deviceId });
    expect(await cloud.postEvents(toCloudEvent(deviceCreatedSample(deviceId)))).toBe(202);
    await cloud.untilModule(deviceId);
  });

  test.each(dateIds)('%s gets its module by HTTP', async (id) => {
    const deviceId = id.replace(/^20/, '17');
    cloud.hub.createDevice({ deviceId });
    expect((await cloud.json('PUT', cloud.modulesPath(deviceId))).body).toMatchObject({
      deviceId,
      modules: [{ moduleId: agent, outcome: 'created' }],
    });
  });

  test('gets its module through the queue', async () => {
    const queued = dateIds.map((id) => id.replace(/^20/, '18'));
    for (const deviceId of queued) cloud.hub.createDevice({ deviceId });
    await holdLease(cloud, async () => {
      expect(await cloud.postEvents(queued.map((deviceId) => deviceCreatedSample(deviceId)))).toBe(202);
      expect(queued.map(modulesOf)).toEqual([[], []]);
    });
    const haveIt = () => queued.every((deviceId) => cloud.hub.module(deviceId, agent) !== undefined);
    await watchUntil(cloud, 'both devices get their module', haveIt);
  });

  test('an event whose id cannot be read is acknowledged with a line in the log and without a call to the hub', async () => {
    const before = cloud.hubCalls();
    const event = { ...deviceCreatedSample('2020-01-01T00:00:00+02:00'), subject: 'devices' };
    expect(await cloud.postEvents([event])).toBe(202);
    expect(cloud.hubCalls()).toBe(before);
    expect(cloud.cloud.host.logs()).toContain('unreadableId');
  });
});
