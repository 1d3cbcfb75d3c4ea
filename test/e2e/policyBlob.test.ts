import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../local/azurite/startAzurite.ts';
import { startTcpGate, type TcpGate } from '../local/host/tcpGate.ts';
import { agent, deviceCreatedSample, keys, TestCloud } from './testCloud.ts';

interface PolicyBody {
  policySource: string | null;
  fingerprint: string | null;
  policyEtag?: string;
  policy: unknown;
  stored: { etag: string; inForce: boolean } | null;
  notice?: string;
  problems?: { setting: string; message: string }[];
}
interface RunBody {
  status: string;
  policy: string;
  policySource: string;
  policyEtag: string | null;
  waitingFor: string | null;
  counts: { created: number };
}

const camera = [{ moduleId: 'camera' }];

function blobOf(cloud: TestCloud) {
  return cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient('policy.json');
}

async function putBlob(cloud: TestCloud, text: string): Promise<void> {
  await cloud.blobs.getContainerClient('module-keeper').createIfNotExists();
  await blobOf(cloud).upload(text, Buffer.byteLength(text));
}

async function isLeaseFree(cloud: TestCloud): Promise<boolean> {
  const lease = cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient('leases/contoso');
  return (await lease.getProperties()).leaseState !== 'leased';
}

async function startRun(cloud: TestCloud): Promise<() => Promise<RunBody>> {
  const { body } = await cloud.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', {});
  const path = `/api/sweeps/contoso/${body.runs[0]?.runId}`;
  return async () => (await cloud.json<RunBody>('GET', path)).body;
}

async function sweep(cloud: TestCloud): Promise<RunBody> {
  const read = await startRun(cloud);
  await cloud.until('the run ends', async () => !['queued', 'running'].includes((await read()).status));
  return read();
}

async function health(cloud: TestCloud) {
  const { status, text } = await cloud.call('GET', '/api/health', undefined, '');
  return { status, body: JSON.parse(text) as Record<string, unknown> };
}

describe('policy.json', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    cloud = await TestCloud.start();
    cloud.hub.createDevice({ deviceId: 'a' });
  });
  afterAll(() => cloud.cloud.close());

  const put = async (policy: unknown, headers: Record<string, string>, query = '') => {
    const body = typeof policy === 'string' ? policy : JSON.stringify(policy);
    const { status, headers: got, text } = await cloud.call('PUT', `/api/policy${query}`, body, keys.host, headers);
    return { status, etag: got.get('etag'), body: JSON.parse(text) };
  };

  test('is not there at first: the default policy is in force', async () => {
    const { status, body } = await cloud.json<PolicyBody>('GET', '/api/policy');
    expect(status).toBe(200);
    expect(body).toMatchObject({ policySource: 'default', policy: [{ moduleId: agent }], stored: null });
    expect((await health(cloud)).body).toMatchObject({ status: 'ok', policySource: 'default' });
    expect(await sweep(cloud)).toMatchObject({ status: 'done', policySource: 'default', policyEtag: null });
    expect(cloud.hub.module('a', agent)).toBeDefined();
  });

  test('is written by PUT only in place of the version that the caller names, and the next slice follows it', async () => {
    expect(await put(camera, {})).toMatchObject({
      status: 428,
      body: { type: 'urn:module-keeper:precondition-required' },
    });
    expect(await put(camera, { 'if-match': '"0x1"' })).toMatchObject({ status: 412 });
    expect(await put(camera, { 'if-match': '*' })).toMatchObject({ status: 400 });
    const checked = await put(camera, {}, '?dryRun=true');
    expect(checked).toMatchObject({ status: 200, body: { valid: true } });
    const made = await put(camera, { 'if-none-match': '*' });
    expect(made).toMatchObject({ status: 201, body: { policySource: 'blob', policy: camera, policyEtag: made.etag } });
    expect(made.body.fingerprint).toBe(checked.body.fingerprint);
    expect(await put([{ moduleId: 'b' }], { 'if-none-match': '*' })).toMatchObject({ status: 412 });
    const run = await sweep(cloud);
    expect(run).toMatchObject({
      status: 'done',
      policySource: 'blob',
      policyEtag: made.etag,
      policy: made.body.fingerprint,
    });
    expect(cloud.hub.module('a', 'camera')).toBeDefined();
    const next = await put([{ moduleId: 'radio' }], { 'if-match': made.etag ?? '' });
    expect(next.status).toBe(200);
    expect(await cloud.json('PUT', cloud.modulesPath('a'))).toMatchObject({
      body: { modules: [{ moduleId: 'radio', outcome: 'created' }] },
    });
    expect(await put(camera, { 'if-match': made.etag ?? '' })).toMatchObject({
      status: 412,
      body: { type: 'urn:module-keeper:policy-changed' },
    });
  });

  test('is refused by PUT with every problem, and stays as it is', async () => {
    const before = await cloud.call('GET', '/api/policy');
    const etag = before.headers.get('etag') ?? '';
    const { status, body } = await put([{ moduleId: '$x' }, { moduleId: 'b', selct: {} }], { 'if-match': etag });
    expect(status).toBe(400);
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['[0].moduleId', '[1]']);
    expect(await put('{', { 'if-match': etag })).toMatchObject({ status: 400, body: { errors: [{ field: 'body' }] } });
    expect(await put('', { 'if-match': etag })).toMatchObject({ status: 400 });
    expect((await cloud.call('GET', '/api/policy')).text).toBe(before.text);
  });

  test('that becomes invalid leaves the policy before it in force, and health has every problem', async () => {
    await putBlob(cloud, '[{"moduleId":"$x"},{"moduleId":"b","selct":{}}]');
    cloud.hub.createDevice({ deviceId: 'later' });
    const run = await sweep(cloud);
    expect(run).toMatchObject({ status: 'done', policySource: 'blob', counts: { created: 1 } });
    expect(cloud.hub.module('later', 'radio')).toBeDefined();
    await cloud.until('the lease is free', () => isLeaseFree(cloud));
    await cloud.restartHost(); // a new process knows what was valid before it
    const { status, body } = await health(cloud);
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: 'degraded', policySource: 'blob', policy: run.policy });
    expect((body.problems as { setting: string }[]).map(({ setting }) => setting)).toEqual([
      'policy.json[0].moduleId',
      'policy.json[1]',
    ]);
    expect(cloud.cloud.host.logs()).toContain('policy.json is invalid; the policy before it stays in force');
    const shown = await cloud.json<PolicyBody>('GET', '/api/policy');
    expect(shown.body).toMatchObject({
      policySource: 'blob',
      policy: [{ moduleId: 'radio' }],
      stored: { inForce: false },
    });
    const corrected = await put(camera, { 'if-match': shown.body.stored?.etag ?? '' });
    expect(corrected).toMatchObject({ status: 200, body: { policy: camera, stored: { inForce: true } } });
  });

  test('that is removed leaves the default policy in force', async () => {
    await blobOf(cloud).delete();
    expect(await sweep(cloud)).toMatchObject({ status: 'done', policySource: 'default', policyEtag: null });
    expect(cloud.hub.module('later', agent)).toBeDefined();
    expect((await cloud.json<PolicyBody>('GET', '/api/policy')).body).toMatchObject({
      policySource: 'default',
      stored: null,
    });
  });
});

test('the setting POLICY has precedence, and GET /api/policy says that policy.json has no effect', async () => {
  const cloud = await TestCloud.start({ settings: { POLICY: '[{"moduleId":"radio"}]' } });
  try {
    await putBlob(cloud, JSON.stringify(camera));
    cloud.hub.createDevice({ deviceId: 'a' });
    expect(await sweep(cloud)).toMatchObject({ status: 'done', policySource: 'setting', policyEtag: null });
    expect(cloud.hub.module('a', 'radio')).toBeDefined();
    expect(cloud.hub.module('a', 'camera')).toBeUndefined();
    const { body } = await cloud.json<PolicyBody>('GET', '/api/policy');
    expect(body).toMatchObject({
      policySource: 'setting',
      policy: [{ moduleId: 'radio' }],
      stored: { inForce: false },
    });
    expect(body.notice).toContain('POLICY');
  } finally {
    await cloud.cloud.close();
  }
});

test('an app whose first policy.json is invalid creates nothing, keeps devices and runs, and goes on when it is corrected', async () => {
  const cloud = await TestCloud.start();
  try {
    await putBlob(cloud, '[{"moduleId":"camera","selct":{}}]');
    cloud.hub.createDevice({ deviceId: 'a' });
    await cloud.postSample('a');
    const { status, body } = await health(cloud);
    expect([status, body.status]).toEqual([503, 'misconfigured']);
    expect(body.problems).toMatchObject([{ setting: 'policy.json[0]', message: expect.stringContaining('select') }]);
    const refused = await cloud.json<{ type: string }>('PUT', cloud.modulesPath('a'));
    expect(refused).toMatchObject({ status: 503, body: { type: 'urn:module-keeper:no-policy' } });
    const read = await startRun(cloud);
    await cloud.until(
      'the run says what it waits for',
      async () => (await read()).waitingFor?.includes('selct') === true,
    );
    expect(cloud.hub.module('a', 'camera') ?? cloud.hub.module('a', agent)).toBeUndefined();
    await putBlob(cloud, JSON.stringify(camera));
    await cloud.json('POST', '/api/sweeps', {}); // wakes the worker, as the watch would do within five minutes
    await cloud.until('the run is done', async () => (await read()).status === 'done');
    expect(await read()).toMatchObject({ waitingFor: null, policySource: 'blob' });
    expect(cloud.hub.module('a', 'camera')).toBeDefined();
  } finally {
    await cloud.cloud.close();
  }
});

describe('during an outage of storage', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.close());

  test('health says that the policy is unknown, and a policy that was read stays in force', async () => {
    const gates: TcpGate[] = [];
    let storage = azurite.connectionString;
    for (const [endpoint, port] of storage.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
      const gate = await startTcpGate(Number(port));
      gates.push(gate);
      storage = storage.replace(endpoint, `http://127.0.0.1:${gate.port}`);
    }
    const cloud = await TestCloud.start({ settings: { AzureWebJobsStorage: storage } });
    try {
      const shut = (isShut: boolean) => {
        for (const gate of gates) gate.shut(isShut);
      };
      shut(true);
      expect(await health(cloud)).toMatchObject({
        status: 503,
        body: { status: 'unavailable', problems: [{ setting: 'policy.json' }] },
      });
      cloud.hub.createDevice({ deviceId: 'a' });
      expect(await cloud.postEvents([deviceCreatedSample('a')])).toBe(500);
      expect(cloud.hub.module('a', agent)).toBeUndefined();
      shut(false);
      expect(await health(cloud)).toMatchObject({ status: 200, body: { status: 'ok', policySource: 'default' } });
      shut(true);
      expect(await health(cloud)).toMatchObject({ status: 200, body: { status: 'ok', policySource: 'default' } });
    } finally {
      await cloud.cloud.close();
      await Promise.all(gates.map((gate) => gate.close()));
    }
  });
});

test('exempt devices are listed by each run, and count again after their end', async () => {
  const cloud = await TestCloud.start({
    settings: { POLICY: JSON.stringify([{ moduleId: agent, select: { exemptTag: 'keeper.exempt' } }]) },
  });
  try {
    const inAYear = new Date(Date.now() + 365 * 24 * 3600 * 1000).toISOString().slice(0, 10);
    const tagged: [string, unknown][] = [
      ['long', { until: inAYear, reason: 'recall' }],
      ['over', { until: '2026-01-01' }],
      ['odd', { until: 'next week' }],
    ];
    for (const [deviceId, exempt] of tagged) cloud.hub.createDevice({ deviceId, tags: { keeper: { exempt } } });
    const { body } = await cloud.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', {});
    const path = `/api/sweeps/contoso/${body.runs[0]?.runId}`;
    const run = async () => (await cloud.json<RunBody>('GET', path)).body;
    await cloud.until('the run is done', async () => (await run()).status === 'done');
    expect(await run()).toMatchObject({
      exemptions: { active: 1, ended: 1, unreadable: 1, withoutEnd: 0, endsSoon: 0 },
    });
    const { text, headers } = await cloud.call('GET', `${path}/exemptions`);
    expect(headers.get('content-type')).toBe('application/x-ndjson');
    const lines = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { deviceId: string });
    expect(lines.sort((one, other) => (one.deviceId < other.deviceId ? -1 : 1))).toEqual([
      { deviceId: 'long', moduleId: agent, state: 'active', until: inAYear, reason: 'recall' },
      { deviceId: 'odd', moduleId: agent, state: 'unreadable', until: 'next week' },
      { deviceId: 'over', moduleId: agent, state: 'ended', until: '2026-01-01' },
    ]);
    for (const [deviceId] of tagged) {
      expect(cloud.hub.module(deviceId, agent) !== undefined).toBe(deviceId === 'over');
      const { body: one } = await cloud.json<{ modules: object[] }>('GET', cloud.modulesPath(deviceId));
      expect(one.modules[0]).toMatchObject(
        deviceId === 'over' ? { state: 'present' } : { state: 'excluded', reason: 'exempt' },
      );
    }
  } finally {
    await cloud.cloud.close();
  }
});
