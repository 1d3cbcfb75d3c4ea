import { Readable } from 'node:stream';
import { json as jsonOf } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { HubEvent } from '../../local/eventHub/hubEvent.ts';
import { HubClient } from '../local/emulator/hubClient.ts';
import { deviceMessage, lifecycleSample, twinChangeSample } from '../local/eventHub/routedSamples.ts';
import { endOf, type RunView } from './endOf.ts';
import { agent, TestCloud } from './testCloud.ts';

/** A sample as an event of the event hub. */
function asHubEvent({ properties, systemProperties, body }: ReturnType<typeof lifecycleSample>): HubEvent {
  const system = systemProperties as Record<string, unknown>;
  return {
    partitionKey: String(system['iothub-connection-device-id']),
    properties: properties as Record<string, unknown>,
    systemProperties: system,
    body: JSON.stringify(body),
  };
}

describe('an event of message routing', () => {
  let cloud: TestCloud;
  let client: HubClient;

  beforeAll(async () => {
    cloud = await TestCloud.start({ routes: true });
    client = new HubClient(cloud.cloud.emulator);
  });
  afterAll(async () => {
    client.close();
    await cloud.cloud.close();
  });

  const eventHub = () => {
    const { eventHub } = cloud.cloud;
    if (!eventHub) throw new Error('the cloud has no event hub');
    return eventHub;
  };
  const modulePath = (deviceId: string, moduleId = agent) =>
    `/devices/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`;
  /** Deletes a module as its owner could, by hand. */
  async function deleteModule(deviceId: string): Promise<void> {
    const { status } = await client.send('DELETE', modulePath(deviceId), { headers: { 'if-match': '*' } });
    expect(status).toBe(204);
  }
  async function settledDevice(deviceId: string): Promise<string> {
    cloud.hub.createDevice({ deviceId });
    cloud.hub.createModule(deviceId, { moduleId: agent });
    return cloud.hub.keyHash(deviceId, agent);
  }
  /** Waits until the checkpoints of the app are behind the last event of each partition. */
  async function untilRead(): Promise<void> {
    const container = cloud.blobs.getContainerClient('azure-webjobs-eventhub');
    await cloud.until('all events are read', async () => {
      const read: (number | undefined)[] = eventHub().events.map(() => undefined);
      if (await container.exists()) {
        for await (const { name, metadata } of container.listBlobsFlat({ includeMetadata: true })) {
          read[Number(name.split('/').at(-1))] = Number(metadata?.sequencenumber);
        }
      }
      return eventHub().events.every(
        (events, partition) => events.length === 0 || read[partition] === events.length - 1,
      );
    });
  }

  test('brings a module that was deleted by hand back, with new keys, without a sweep', async () => {
    const before = await settledDevice('a');
    await deleteModule('a');
    await cloud.untilModule('a');
    expect(cloud.hub.keyHash('a', agent)).not.toBe(before);
  });

  test('brings the module back beside messages of the device that are empty or no JSON', async () => {
    await settledDevice('talkative');
    const message = { ...asHubEvent(lifecycleSample()), partitionKey: 'talkative', properties: {} };
    const systemProperties = { 'iothub-message-source': 'Telemetry', 'iothub-connection-device-id': 'talkative' };
    for (const body of ['', 'no JSON', '']) eventHub().send({ ...message, systemProperties, body });
    await deleteModule('talkative');
    await cloud.untilModule('talkative');
    await untilRead();
  });

  test('brings the module of a device with unusual characters in its id back', async () => {
    await settledDevice("50%_#1?';,");
    await deleteModule("50%_#1?';,");
    await cloud.untilModule("50%_#1?';,");
  });

  test('brings the module back if its operation is deleteModuleIdentity', async () => {
    cloud.hub.createDevice({ deviceId: 'b' });
    const sample = lifecycleSample({
      opType: 'deleteModuleIdentity',
      deviceId: 'b',
      moduleId: agent,
      hubName: 'contoso',
    });
    eventHub().send(asHubEvent(sample));
    await cloud.untilModule('b');
  });

  test('gives a new device its module once, beside its event of Event Grid', async () => {
    await client.send('PUT', '/devices/new', { body: { deviceId: 'new' } });
    await cloud.untilModule('new');
    const key = cloud.hub.keyHash('new', agent);
    await untilRead();
    await cloud.until('Event Grid has delivered', () => cloud.cloud.events.pending === 0);
    expect(cloud.hub.keyHash('new', agent)).toBe(key);
    expect(cloud.hub.modulesOf('new').map(({ moduleId }) => moduleId)).toEqual([agent]);
  });

  test('leads to no call to the hub if it does not concern the policy', async () => {
    await settledDevice('quiet');
    await untilRead();
    const before = cloud.hubCalls();
    const modulePaths = ['other', 'telemetry'].map((moduleId) => modulePath('quiet', moduleId));
    for (const path of modulePaths) {
      const moduleId = path.split('/').at(-1);
      await client.send('PUT', path, { body: { deviceId: 'quiet', moduleId } });
    }
    await client.send('PATCH', '/twins/quiet', { body: { tags: { site: 'north' } } });
    await client.send('PATCH', `/twins/quiet/modules/${agent}`, { body: { properties: { desired: { a: 1 } } } });
    for (const path of modulePaths) await client.send('DELETE', path, { headers: { 'if-match': '*' } });
    await untilRead();
    expect(cloud.hubCalls()).toBe(before + 6); // those of this test
  });

  test('costs the hub no call in a burst of 10,000 twin changes of foreign modules and messages of devices', async () => {
    await untilRead();
    const before = cloud.hubCalls();
    for (let index = 0; index < 5_000; index++) {
      const options = { deviceId: `d${index}`, moduleId: 'foreign', hubName: 'contoso' };
      eventHub().send(asHubEvent(twinChangeSample(options)));
      eventHub().send({ ...asHubEvent(deviceMessage({ opType: 'deleteDeviceIdentity' })), partitionKey: `d${index}` });
    }
    await untilRead();
    expect(cloud.hubCalls()).toBe(before);
    // And the next one that counts is served.
    await settledDevice('after');
    await deleteModule('after');
    await cloud.untilModule('after');
  });

  test('waits in the queue while the hub throttles, and is served then', async () => {
    await settledDevice('throttled');
    cloud.cloud.emulator.faults.add({ kind: 'status', status: 429, operation: 'getTwin' });
    await deleteModule('throttled');
    await cloud.untilModule('throttled');
    const line = (text: string) =>
      cloud.cloud.host
        .logs()
        .split('\n')
        .some((one) => one.includes(text) && one.includes('throttled'));
    expect(line('Device put into the pending queue')).toBe(true);
  });

  test('of an unknown hub is counted, and shown by health', async () => {
    await untilRead();
    const before = cloud.hubCalls();
    const sample = lifecycleSample({ opType: 'deleteDeviceIdentity', moduleId: agent, hubName: 'fabrikam' });
    eventHub().send(asHubEvent(sample));
    eventHub().send({ partitionKey: 'x', properties: {}, systemProperties: {}, body: 'not JSON' });
    await untilRead();
    expect(cloud.hubCalls()).toBe(before);
    const { body } = await cloud.json<{ unknownHubEvents?: number }>('GET', '/api/health');
    expect(body.unknownHubEvents).toBe(1);
    expect(cloud.cloud.host.logs()).not.toContain('fabrikam');
  });

  test('about a module that somebody deletes each time leads to five repairs; then only sweeps make it', async () => {
    await settledDevice('flaps');
    await settledDevice('other');
    const blob = cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient('repairs/contoso.json');
    type Repaired = { deviceId: string; repairedAt: string[] };
    const repairs = async () => {
      if (!(await blob.exists())) return 0;
      // Not `downloadToBuffer`, which asks for the length first: the app may write a longer text in between.
      const { readableStreamBody } = await blob.download();
      const { modules } = (await jsonOf(readableStreamBody ?? Readable.from([]))) as { modules: Repaired[] };
      return modules.find(({ deviceId }) => deviceId === 'flaps')?.repairedAt.length ?? 0;
    };
    for (let times = 1; times <= 5; times++) {
      await deleteModule('flaps');
      await cloud.untilModule('flaps');
      await cloud.until('the repair is noted', async () => (await repairs()) === times);
    }
    await deleteModule('flaps');
    await untilRead();
    expect(cloud.hub.module('flaps', agent)).toBeUndefined();
    await deleteModule('other');
    await cloud.untilModule('other');
    expect(cloud.hub.module('flaps', agent)).toBeUndefined();
    expect(cloud.cloud.host.logs()).toContain('A module flaps; events do not repair it for a day');

    const { body } = await cloud.json<{ runs: RunView[] }>('POST', '/api/sweeps', { dryRun: false });
    const run = await endOf(cloud, body.runs[0]?.runId);
    expect(cloud.hub.module('flaps', agent)).toBeDefined();
    expect(run.status).toBe('done');
    expect(run.reason).toContain(
      `repaired 5 times within a day, so that only sweeps repair them for now: flaps/${agent}.`,
    );
    await deleteModule('flaps');
    await untilRead();
    expect(cloud.hub.module('flaps', agent)).toBeUndefined();
  });

  // The last test: it ends the host.
  test('that came while no host ran is served by the next one, from its checkpoint', async () => {
    await untilRead();
    await settledDevice('later');
    await cloud.cloud.killHosts();
    await deleteModule('later');
    await cloud.restartHost();
    await cloud.untilModule('later');
    await untilRead();
  });
});

describe('an event of message routing, with a policy that looks at twins', () => {
  const group = 'IoTHubDeviceUpdate';
  const desired = { Process_MessageFrequency: 'High' };
  let cloud: TestCloud;
  let client: HubClient;

  beforeAll(async () => {
    const policy = [
      { moduleId: agent, twin: { mode: 'enforce', desired } },
      { moduleId: group, ensure: 'patched', twin: { tags: { ADUGroup: 'north' } } },
    ];
    cloud = await TestCloud.start({ routes: true, settings: { POLICY: JSON.stringify(policy) } });
    client = new HubClient(cloud.cloud.emulator);
    cloud.hub.createDevice({ deviceId: 'a' });
    cloud.hub.createModule('a', { moduleId: agent, desired });
  });
  afterAll(async () => {
    client.close();
    await cloud.cloud.close();
  });

  /** Waits until the app makes no more calls, and returns how many the hub has had. */
  async function untilCalm(): Promise<number> {
    let calls = -1;
    await cloud.until(
      'the app makes no more calls',
      () => {
        const before = calls;
        calls = cloud.hubCalls();
        return calls === before;
      },
      2_000,
    );
    return calls;
  }

  test('repairs a desired property that drifted, and its own write leads to no further one', async () => {
    const path = `/twins/a/modules/${agent}`;
    await client.send('PATCH', path, {
      body: { properties: { desired: { Process_MessageFrequency: 'Low', own: 1 } } },
    });
    await cloud.until('it is as before', () => {
      const { properties } = cloud.hub.twin('a', agent) as { properties: { desired: Record<string, unknown> } };
      return properties.desired.Process_MessageFrequency === 'High' && properties.desired.own === 1;
    });
    await untilCalm();
    const writes = () => cloud.cloud.emulator.counters().requests.patchTwin;
    expect(writes()).toEqual({ 200: 2 });
  });

  test('costs no call for tags of a module of which only desired properties are enforced', async () => {
    await client.send('PATCH', `/twins/a/modules/${agent}`, { body: { tags: { note: 'x' } } });
    const before = cloud.hubCalls();
    expect(await untilCalm()).toBe(before);
  });

  test('writes the tag of a module that others create, and again when they create it anew', async () => {
    const path = `/devices/a/modules/${group}`;
    for (let times = 0; times < 2; times++) {
      expect((await client.send('PUT', path, { body: { deviceId: 'a', moduleId: group } })).status).toBe(200);
      await cloud.until('it has its tag', () => {
        const { tags } = cloud.hub.twin('a', group) as { tags?: Record<string, unknown> };
        return tags?.ADUGroup === 'north';
      });
      expect((await client.send('DELETE', path, { headers: { 'if-match': '*' } })).status).toBe(204);
    }
    await untilCalm();
    expect(cloud.hub.module('a', group)).toBeUndefined();
  });
});
