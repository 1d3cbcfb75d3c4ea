import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { agent, deviceCreatedSample, keys, TestCloud, unusualIds } from './testCloud.ts';

interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { field: string; message: string }[];
}

describe('the HTTP functions', () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await TestCloud.start();
  });
  afterAll(() => cloud.cloud.close());

  test.each(unusualIds)('verify and ensure the modules of the device %s', async (deviceId) => {
    cloud.hub.createDevice({ deviceId });
    const path = cloud.modulesPath(deviceId);
    const missing = await cloud.json('GET', path);
    expect(missing).toEqual({
      status: 200,
      body: { hub: 'contoso', deviceId, modules: [{ moduleId: agent, state: 'missing', needs: 'create' }] },
    });
    const made = await cloud.json<{ modules: unknown }>('PUT', path);
    expect(made).toMatchObject({ status: 200, body: { deviceId, modules: [{ moduleId: agent, outcome: 'created' }] } });
    const keys = cloud.hub.keyHash(deviceId, agent);
    expect((await cloud.json<{ modules: unknown }>('PUT', path)).body.modules).toEqual([
      { moduleId: agent, outcome: 'unchanged' },
    ]);
    expect(cloud.hub.keyHash(deviceId, agent)).toBe(keys);
    expect((await cloud.json<{ modules: unknown }>('GET', path)).body.modules).toEqual([
      {
        moduleId: agent,
        state: 'present',
        details: {
          ...{ isConnected: false, lastActivityTime: null, authentication: 'sas', managedBy: null },
          twin: { tags: {}, desired: {} },
        },
      },
    ]);
  });

  test.each([
    ['an unknown hub', 'GET', '/api/hubs/fabrikam/devices/a/modules', 404, 'unknown-hub'],
    ['an unknown device', 'GET', '/api/hubs/contoso/devices/nobody/modules', 404, 'unknown-device'],
    ['an unknown device to ensure', 'PUT', '/api/hubs/contoso/devices/nobody/modules', 404, 'unknown-device'],
    ['a run of an unknown hub', 'GET', '/api/sweeps/fabrikam/20261123T020000Z-4f2a', 404, 'unknown-hub'],
    ['an unknown run', 'GET', '/api/sweeps/contoso/20261123T020000Z-4f2a', 404, 'unknown-run'],
    ['an invalid run id', 'DELETE', '/api/sweeps/contoso/..%5C..%5Chubs', 404, 'unknown-run'],
    ['failures of an unknown run', 'GET', '/api/sweeps/contoso/20261123T020000Z-4f2a/failures', 404, 'unknown-run'],
    ['runs of an unknown hub', 'GET', '/api/sweeps?hub=fabrikam', 404, 'unknown-hub'],
  ])('respond to %s with a problem', async (_what, method, path, status, type) => {
    const response = await cloud.call(method, path);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(JSON.parse(response.text)).toMatchObject({ status, type: `urn:module-keeper:${type}` });
    expect(response.status).toBe(status);
  });

  test.each([['%2e%2e'], ['%2E'], ['a%00b'], ['a%20b'], ['%C3%BC'], ['x'.repeat(129)]])(
    'refuse the device id %s without a call to the hub',
    async (encoded) => {
      const before = cloud.hubCalls();
      for (const method of ['GET', 'PUT']) {
        const { status } = await cloud.callRaw(method, `/api/hubs/contoso/devices/${encoded}/modules`);
        expect([400, 404]).toContain(status);
      }
      expect(cloud.hubCalls()).toBe(before);
    },
  );

  test.each([
    ['not JSON', '{', 400],
    ['a list', '[]', 400],
    ['an unknown field', '{"dryrun":true}', 400],
    ['a wrong type', '{"dryRun":"yes"}', 400],
    ['an empty list of hubs', '{"hubs":[]}', 400],
    ['an unknown hub', '{"hubs":["contoso","fabrikam"]}', 404],
    ['an object with the key __proto__', '{"__proto__":{"dryRun":true},"constructor":1}', 400],
    ['too large', `{"hubs":["${'x'.repeat(100_000)}"]}`, 413],
  ])('refuse a sweep whose body is %s, and start no run', async (_what, body, status) => {
    const before = cloud.hubCalls();
    const response = await cloud.call('POST', '/api/sweeps', body);
    expect(response.status).toBe(status);
    expect((JSON.parse(response.text) as ProblemBody).title).toBeTruthy();
    expect(cloud.hubCalls()).toBe(before);
    expect((await cloud.json('GET', '/api/sweeps')).body).toEqual({ runs: [] });
  });

  test.each([
    ['listSweeps', 'GET', '/api/sweeps'],
    ['startSweep', 'POST', '/api/sweeps'],
    ['getSweep', 'GET', '/api/sweeps/contoso/20261123T020000Z-4f2a'],
    ['cancelSweep', 'DELETE', '/api/sweeps/contoso/20261123T020000Z-4f2a'],
    ['getFailures', 'GET', '/api/sweeps/contoso/20261123T020000Z-4f2a/failures'],
    ['getExemptions', 'GET', '/api/sweeps/contoso/20261123T020000Z-4f2a/exemptions'],
    ['getModules', 'GET', '/api/hubs/contoso/devices/nobody/modules'],
    ['ensureModules', 'PUT', '/api/hubs/contoso/devices/nobody/modules'],
    ['getPolicy', 'GET', '/api/policy'],
    ['putPolicy', 'PUT', '/api/policy'],
  ])('%s needs its own key, a host key or the master key', async (name, method, path) => {
    const body = method === 'POST' ? '{"hubs":[]}' : undefined;
    for (const key of ['', 'wrong', keys.eventGrid, keys.ofFunction('health')])
      expect(await cloud.call(method, path, body, key)).toMatchObject({ status: 401, text: '' });
    for (const key of [keys.ofFunction(name), keys.host, keys.master])
      expect((await cloud.call(method, path, body, key)).status).not.toBe(401);
  });

  test('/admin needs the master key', async () => {
    for (const [key, status] of [
      ['', 401],
      [keys.host, 403],
      [keys.master, 200],
    ] as const)
      expect((await cloud.call('GET', '/admin/functions', undefined, key)).status).toBe(status);
  });

  test('return from health, without a key, the number of hubs but not their names', async () => {
    const { status, text } = await cloud.call('GET', '/api/health', undefined, '');
    const policy = {
      policySource: 'default',
      policy: expect.stringMatching(/^[0-9a-f]{16}$/),
      policyReadAt: expect.any(String),
    };
    expect([status, JSON.parse(text)]).toEqual([200, { status: 'ok', hubs: 1, paused: 0, ...policy }]);
  });
});

describe('an app with invalid settings', () => {
  test('starts, returns the problems from health, and refuses every other call with the same problems', async () => {
    const cloud = await TestCloud.start({
      settings: { HUB_TIER: 'S9', HUB_BUDGET_PERCENT: '500', MODULE_ID: '$edgeAgent' },
    });
    try {
      const health = await cloud.json<{ problems: { setting: string; message: string }[] }>('GET', '/api/health');
      expect(health.status).toBe(503);
      expect(health.body.problems.map(({ setting }) => setting).sort()).toEqual([
        'HUB_BUDGET_PERCENT',
        'HUB_TIER',
        'MODULE_ID',
      ]);
      const sweep = await cloud.json<ProblemBody>('POST', '/api/sweeps', {});
      expect(sweep.status).toBe(503);
      expect(sweep.body.errors).toEqual(
        health.body.problems.map(({ setting, message }) => ({ field: setting, message })),
      );
      cloud.hub.createDevice({ deviceId: 'a' });
      // Not acknowledged, so Event Grid sends the event again, perhaps after the settings are fixed.
      expect(await cloud.postEvents([deviceCreatedSample('a')])).toBe(500);
      expect(cloud.cloud.host.logs()).toContain(health.body.problems[0]?.message ?? 'no message');
      expect(cloud.hubCalls()).toBe(0);
    } finally {
      await cloud.cloud.close();
    }
  });
});

describe('a paused hub', () => {
  test('refuses runs with 409 and keeps its events pending', async () => {
    const cloud = await TestCloud.startPaused();
    try {
      expect((await cloud.json('GET', '/api/health')).body).toMatchObject({ status: 'ok', hubs: 1, paused: 1 });
      expect((await cloud.json<ProblemBody>('POST', '/api/sweeps', {})).status).toBe(409);
      cloud.hub.createDevice({ deviceId: 'a' });
      expect((await cloud.json<ProblemBody>('PUT', cloud.modulesPath('a'))).status).toBe(409);
      await cloud.postSample('a');
      const { peekedMessageItems } = await cloud.queues.getQueueClient('pending-contoso').peekMessages();
      expect(peekedMessageItems).toHaveLength(1);
      expect(cloud.hub.module('a', agent)).toBeUndefined();
    } finally {
      await cloud.cloud.close();
    }
  });
});
