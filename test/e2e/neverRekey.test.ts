import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { holdLease } from './holdLease.ts';
import { agent, deviceCreatedSample, TestCloud } from './testCloud.ts';

const updates = 'IoTHubDeviceUpdate';
const thumbprint = 'A'.repeat(40);
const kinds = {
  sas: undefined,
  selfSigned: { type: 'selfSigned', thumbprints: { primaryThumbprint: thumbprint, secondaryThumbprint: null } },
  certificateAuthority: { type: 'certificateAuthority' },
} as const;
const devices = Object.keys(kinds) as (keyof typeof kinds)[];

/** A full replace of an identity without its keys makes the hub generate new ones, so the app never sends one. */
describe('a module that exists', () => {
  let cloud: TestCloud;
  let before: string;
  beforeAll(async () => {
    const policy = [
      { moduleId: agent, twin: { mode: 'enforce', desired: { Process_MessageFrequency: 'High' } } },
      { moduleId: updates, ensure: 'patched', twin: { mode: 'enforce', tags: { ADUGroup: 'line-1' } } },
      { moduleId: 'seeded', twin: { mode: 'seed', tags: { a: 1 }, desired: { b: 2 } } },
      { moduleId: 'plain' },
    ];
    cloud = await TestCloud.start({ settings: () => ({ POLICY: JSON.stringify(policy) }) });
    for (const deviceId of devices) {
      const kind = kinds[deviceId];
      cloud.hub.createDevice({ deviceId });
      for (const moduleId of [agent, updates, 'seeded', 'plain']) {
        cloud.hub.createModule(deviceId, { moduleId, ...(kind ? { authentication: kind } : {}) });
      }
    }
    before = identities();
  });
  afterAll(() => cloud.cloud.close());

  function identities(): string {
    return JSON.stringify(
      [...cloud.hub.modules()].map(({ deviceId, moduleId }) => [
        cloud.hub.identity(deviceId, moduleId),
        cloud.hub.keyHash(deviceId, moduleId),
      ]),
    );
  }

  const frequency = (deviceId: string) =>
    (cloud.hub.twin(deviceId, agent) as { properties?: { desired?: { Process_MessageFrequency?: string } } }).properties
      ?.desired?.Process_MessageFrequency;

  function drift(): void {
    for (const deviceId of devices) {
      cloud.hub.patchModuleTwin(deviceId, agent, { desired: { Process_MessageFrequency: 'Low' } });
      cloud.hub.patchModuleTwin(deviceId, updates, { tags: { ADUGroup: 'other' } });
    }
  }

  const group = (deviceId: string) =>
    (cloud.hub.twin(deviceId, updates) as { tags?: { ADUGroup?: string } }).tags?.ADUGroup;

  const isRepaired = () => devices.every((deviceId) => frequency(deviceId) === 'High' && group(deviceId) === 'line-1');

  test('keeps its keys, etag and generation when a request for its device repairs its twin', async () => {
    drift();
    for (const deviceId of devices) expect((await cloud.call('PUT', cloud.modulesPath(deviceId))).status).toBe(200);
    expect(isRepaired()).toBe(true);
    expect(identities()).toBe(before);
  });

  test('keeps its keys, etag and generation when an event repairs its twin at once', async () => {
    drift();
    for (const deviceId of devices) expect(await cloud.postEvents([deviceCreatedSample(deviceId)])).toBe(202);
    await cloud.until('the twins are repaired', isRepaired);
    expect(identities()).toBe(before);
  });

  test('keeps its keys, etag and generation when an event repairs its twin through the queue', async () => {
    drift();
    await holdLease(cloud, async () => {
      for (const deviceId of devices) expect(await cloud.postEvents([deviceCreatedSample(deviceId)])).toBe(202);
      expect(isRepaired()).toBe(false);
    });
    await cloud.call('POST', '/admin/functions/watchHubs', '{"input":""}');
    await cloud.until('the twins are repaired', isRepaired);
    expect(identities()).toBe(before);
  });

  test('keeps its keys, etag and generation when a sweep repairs its twin', async () => {
    drift();
    const { body } = await cloud.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', {});
    let run = { status: '', counts: { updated: 0 } };
    await cloud.until('the run ends', async () => {
      run = (await cloud.json<typeof run>('GET', `/api/sweeps/contoso/${body.runs[0]?.runId}`)).body;
      return !['queued', 'running'].includes(run.status);
    });
    expect(run).toMatchObject({ status: 'done', counts: { updated: 2 * devices.length } });
    expect(isRepaired()).toBe(true);
    expect(identities()).toBe(before);
  });

  test('is never deleted, and the hub gets no call that replaces a twin or a device', () => {
    const names = Object.keys(cloud.cloud.emulator.counters().requests);
    expect(names.filter((name) => /^(put|delete)(Device|Twin)|deleteModule/.test(name))).toEqual([]);
  });
});
