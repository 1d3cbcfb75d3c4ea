import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agent, deviceCreatedSample, TestCloud } from './testCloud.ts';

/** The same event from another hub. */
function eventOf(hubName: string, deviceId: string) {
  const event = deviceCreatedSample(deviceId);
  return { ...event, data: { ...(event.data as object), hubName } };
}

describe('an app with one hub whose settings have a problem', () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await TestCloud.start({
      settings: ({ connectionString }) => ({
        IOTHUB_CONNECTION_STRING: '',
        HUB_NAME: '',
        HUB_TIER: '',
        HUB_UNITS: '',
        HUBS: JSON.stringify([
          { name: 'west', eventName: 'contoso--west', connectionString, tier: 'S3' },
          { hostName: 'contoso--eu.azure-devices.net', tier: 'GEN2' },
        ]),
      }),
    });
  });
  afterAll(() => cloud.cloud.close());

  test('serves the other hub, by its name in events', async () => {
    cloud.hub.createDevice({ deviceId: 'a' });
    expect(await cloud.postEvents([eventOf('Contoso--West', 'a')])).toBe(202);
    await cloud.untilModule('a');
    const { status, body } = await cloud.json<{ modules: unknown }>('GET', '/api/hubs/west/devices/a/modules');
    expect({ status, body }).toMatchObject({ status: 200, body: { modules: [{ moduleId: agent, state: 'present' }] } });
    const started = await cloud.json<{ runs: { hub: string }[] }>('POST', '/api/sweeps');
    expect(started.body.runs.map(({ hub }) => hub)).toEqual(['west']);
  });

  test('keeps the events of the hub that is out of service, and counts those of unknown hubs', async () => {
    expect(await cloud.postEvents([eventOf('contoso--eu', 'b'), eventOf('nobody', 'c')])).toBe(202);
    const { peekedMessageItems } = await cloud.queues.getQueueClient('pending-contoso-eu').peekMessages();
    expect(peekedMessageItems).toHaveLength(1);
    const { status, body } = await cloud.json('GET', '/api/health');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        hubs: 1,
        paused: 0,
        outOfService: 1,
        problems: [{ setting: 'HUBS[1].tier', message: expect.stringContaining('F1, B1, B2, B3, S1, S2, S3') }],
        unknownHubEvents: 1,
      },
    });
    expect(JSON.stringify(body)).not.toContain('contoso');
  });
});
