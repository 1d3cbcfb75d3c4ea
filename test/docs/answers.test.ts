import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultRule } from '../../local/emulator/http/faults.ts';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { keys, TestCloud } from '../e2e/testCloud.ts';
import { ApiDescription } from './apiDescription.ts';

const api = new ApiDescription();

/** A hub as it is, the same under another address with next to no budget for the intake, a paused one, and one out of service. */
function startHubs(): Promise<TestCloud> {
  return TestCloud.start({
    seed: ({ hub }) => seedDevices(hub, { count: 60, mix: { disabled: 0.1 } }),
    settings: ({ connectionString }) => ({
      IOTHUB_CONNECTION_STRING: '',
      HUB_NAME: '',
      HUB_TIER: '',
      HUB_UNITS: '',
      HUBS: JSON.stringify([
        { name: 'contoso', connectionString, tier: 'S3' },
        { hostName: 'resting.azure-devices.net', paused: true },
        { hostName: 'broken.azure-devices.net', tier: 'GEN2' },
      ]),
    }),
  });
}

describe('docs/openapi.json against the running app', () => {
  let cloud: TestCloud;

  beforeAll(async () => {
    cloud = await startHubs();
    cloud.hub.createDevice({ deviceId: 'pump-1' });
  });
  afterAll(() => cloud.cloud.close());

  /** Calls, and holds the answer against the description; answers the problem's type or nothing, and the body. */
  async function call(
    operation: string,
    method: string,
    path: string,
    body?: string,
    more: Record<string, string> = {},
  ) {
    const { status, headers, text } = await cloud.call(method, `/api${path}`, body, keys.host, more);
    const contentType = headers.get('content-type');
    expect(api.mistakesOfAnswer(operation, { status, contentType, text })).toEqual([]);
    return { status, headers, text };
  }

  test('describes exactly the HTTP functions that are registered', async () => {
    const answer = await fetch(`${cloud.cloud.host.url}/admin/functions`, {
      headers: { 'x-functions-key': keys.master },
    });
    const functions = (await answer.json()) as {
      name: string;
      config: { bindings: { type: string; methods?: string[]; route?: string; authLevel?: string }[] };
    }[];
    const registered = functions.flatMap(({ name, config }) =>
      config.bindings
        .filter(({ type }) => type === 'httpTrigger')
        .flatMap(({ methods = [], route, authLevel }) =>
          methods.map((method) => ({ name, method, path: `/${route}`, open: authLevel === 'anonymous' })),
        ),
    );
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
    expect(registered.sort(byName)).toEqual(api.operations.sort(byName));
  });

  test('describes health, a run from start to end, its failures and the list', async () => {
    await call('health', 'GET', '/health');
    const started = await call('startSweep', 'POST', '/sweeps', '{"hubs":["Contoso"]}');
    const [{ runId }] = JSON.parse(started.text).runs;
    const run = `/sweeps/contoso/${runId}`;
    let status = '';
    await cloud.until('the run ends', async () => {
      status = JSON.parse((await call('getSweep', 'GET', run)).text).status;
      return status !== 'queued' && status !== 'running';
    });
    expect(status).toBe('done');
    const { text } = await call('getFailures', 'GET', `${run}/failures`);
    expect(text.trimEnd().split('\n').length).toBeGreaterThan(1);
    await call('getExemptions', 'GET', `${run}/exemptions`);
    expect(JSON.parse((await call('cancelSweep', 'DELETE', run)).text).status).toBe('done');
    await call('listHubs', 'GET', '/hubs');
    await call('getChanges', 'GET', `${run}/changes`);
    await call('getExemptions', 'GET', `${run}/exemptions?format=csv`);
    await call('status', 'GET', '/status');
    await call('openapi', 'GET', '/openapi.json');
    await call('getFailures', 'GET', `${run}/failures?format=csv`);
    await call('startSweep', 'POST', '/sweeps', '{"hubs":["contoso"],"dryRun":true}');
    await call('status', 'GET', '/status');
    expect(JSON.parse((await call('listSweeps', 'GET', '/sweeps?hub=contoso')).text).runs).toHaveLength(2);
  });

  test('describes what one device has and gets', async () => {
    const path = '/hubs/contoso/devices/pump-1/modules';
    for (const method of ['GET', 'PUT', 'PUT', 'GET']) {
      const name = method === 'GET' ? 'getModules' : 'ensureModules';
      expect((await call(name, method, path)).status).toBe(200);
    }
    const devices = [...cloud.hub.devices()];
    const edge = devices.find((device) => device.edge)?.deviceId ?? '';
    const disabled = devices.find((device) => device.status === 'disabled' && !device.edge)?.deviceId ?? '';
    for (const deviceId of [edge, disabled]) {
      const at = `/hubs/contoso/devices/${encodeURIComponent(deviceId)}/modules`;
      expect(JSON.parse((await call('getModules', 'GET', at)).text).modules[0].reason).toBeTruthy();
      expect(JSON.parse((await call('ensureModules', 'PUT', at)).text).modules[0].reason).toBeTruthy();
    }
  });

  test('describes the policy, and how it is written', async () => {
    const policy = '[{"moduleId":"DefenderIotMicroAgent"}]';
    const etagOf = ({ headers }: { headers: Headers }) => headers.get('etag') ?? '';
    const put = (body: string, headers: Record<string, string>, query = '') =>
      call('putPolicy', 'PUT', `/policy${query}`, body, headers);
    expect((await call('getPolicy', 'GET', '/policy')).headers.get('etag')).toBeNull();
    expect((await put(policy, {}, '?dryRun=true')).status).toBe(200);
    expect((await put(policy, {}, '?dryRun=1')).status).toBe(400);
    expect((await put(policy, {})).status).toBe(428);
    expect((await put('[]', { 'if-none-match': '*' })).status).toBe(400);
    expect((await put(policy, { 'if-match': '*' })).status).toBe(400);
    expect((await put(`[${' '.repeat(2_097_152)}]`, { 'if-none-match': '*' })).status).toBe(413);
    expect((await put(policy, { 'if-match': '"0x8DE2F0000000000"' })).status).toBe(412);
    const made = await put(policy, { 'if-none-match': '*' });
    expect(made.status).toBe(201);
    expect((await put(policy, { 'if-match': etagOf(made) })).status).toBe(200);
    await call('getPolicy', 'GET', '/policy');
    await call('health', 'GET', '/health');
    await cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient('policy.json').upload('[]', 2);
    expect(JSON.parse((await call('getPolicy', 'GET', '/policy')).text).problems).toHaveLength(1);
    expect(JSON.parse((await call('health', 'GET', '/health')).text).status).toBe('degraded');
  });

  test.each([
    ['startSweep', 'POST', '/sweeps?dryRun=true', 'bad-query', undefined],
    ['getPolicy', 'GET', '/policy?dryRun=true', 'bad-query', undefined],
    ['listSweeps', 'GET', '/sweeps?top=5', 'bad-query', undefined],
    ['getSweep', 'GET', '/sweeps/contoso/none?hub=contoso', 'bad-query', undefined],
    ['cancelSweep', 'DELETE', '/sweeps/contoso/none', 'unexpected-body', '{"reason":"x"}'],
    ['getFailures', 'GET', '/sweeps/contoso/none/failures?format=xml', 'bad-query', undefined],
    ['getFailures', 'GET', '/sweeps/contoso/none/failures?outcome=created', 'bad-query', undefined],
    ['listHubs', 'GET', '/hubs?hub=contoso', 'bad-query', undefined],
    ['status', 'GET', '/status?refresh=1', 'bad-query', undefined],
    ['openapi', 'GET', '/openapi.json?format=yaml', 'bad-query', undefined],
    ['listSweeps', 'GET', '/sweeps?limit=1000', 'bad-query', undefined],
    ['getExemptions', 'GET', '/sweeps/contoso/none/exemptions', 'unknown-run', undefined],
    ['getExemptions', 'GET', '/sweeps/contoso/none/exemptions?format=xml', 'bad-query', undefined],
    ['getModules', 'GET', '/hubs/contoso/devices/pump-1/modules?moduleId=x', 'bad-query', undefined],
    ['ensureModules', 'PUT', '/hubs/contoso/devices/pump-2/modules?dryRun=true', 'bad-query', undefined],
    ['ensureModules', 'PUT', '/hubs/contoso/devices/pump-2/modules', 'unexpected-body', '{"dryRun":true}'],
    ['health', 'GET', '/health?verbose=1', 'bad-query', undefined],
    ['startSweep', 'POST', '/sweeps', 'bad-json', '{'],
    ['startSweep', 'POST', '/sweeps', 'bad-body', '{"hub":"contoso"}'],
    ['startSweep', 'POST', '/sweeps', 'unknown-hub', '{"hubs":["fabrikam"]}'],
    ['startSweep', 'POST', '/sweeps', 'paused', '{"hubs":["resting"]}'],
    ['startSweep', 'POST', '/sweeps', 'body-too-large', `{"hubs":["${'x'.repeat(70_000)}"]}`],
    ['listSweeps', 'GET', '/sweeps?hub=fabrikam', 'unknown-hub', undefined],
    ['startSweep', 'POST', '/sweeps', 'hub-out-of-service', '{"hubs":["contoso","Broken"]}'],
    ['listSweeps', 'GET', '/sweeps?hub=broken', 'hub-out-of-service', undefined],
    ['getSweep', 'GET', '/sweeps/broken/none', 'hub-out-of-service', undefined],
    ['getModules', 'GET', '/hubs/broken/devices/pump-1/modules', 'hub-out-of-service', undefined],
    ['ensureModules', 'PUT', '/hubs/broken/devices/pump-1/modules', 'hub-out-of-service', undefined],
    ['listSweeps', 'GET', '/sweeps?continuation=x', 'bad-query', undefined],
    ['getSweep', 'GET', '/sweeps/contoso/20261123T020000Z-4f2a', 'unknown-run', undefined],
    ['getSweep', 'GET', '/sweeps/contoso/none', 'unknown-run', undefined],
    ['cancelSweep', 'DELETE', '/sweeps/fabrikam/20261123T020000Z-4f2a', 'unknown-hub', undefined],
    ['getFailures', 'GET', '/sweeps/contoso/20261123T020000Z-4f2a/failures', 'unknown-run', undefined],
    ['getModules', 'GET', '/hubs/contoso/devices/a%20b/modules', 'bad-device-id', undefined],
    ['getModules', 'GET', '/hubs/fabrikam/devices/a/modules', 'unknown-hub', undefined],
    ['ensureModules', 'PUT', '/hubs/contoso/devices/nobody/modules', 'unknown-device', undefined],
    ['ensureModules', 'PUT', '/hubs/resting/devices/pump-1/modules', 'paused', undefined],
  ])('describes for %s the problem of %s %s: %s', async (operation, method, path, type, body) => {
    const { text } = await call(operation, method, path, body);
    expect(JSON.parse(text).type).toBe(`urn:module-keeper:${type}`);
  });

  test.each<[FaultRule, string, boolean]>([
    [{ operation: 'getTwin', kind: 'status', status: 429 }, 'throttled', true],
    [{ operation: 'getTwin', kind: 'status', status: 503 }, 'hub-unavailable', true],
    [{ operation: 'getTwin', kind: 'reset' }, 'hub-unavailable', true],
    [{ operation: 'getTwin', kind: 'status', status: 401 }, 'hub-refuses-us', false],
    [{ operation: 'getTwin', kind: 'status', status: 403 }, 'hub-quota', false],
    [{ operation: 'getTwin', kind: 'status', status: 400 }, 'hub-refused', false],
  ])('describes what a hub with the fault %j leads to', async (fault, type, retryAfter) => {
    const { faults } = cloud.cloud.emulator;
    try {
      faults.add(fault);
      const { text, headers } = await call('ensureModules', 'PUT', '/hubs/contoso/devices/pump-1/modules');
      expect(JSON.parse(text).type).toBe(`urn:module-keeper:${type}`);
      expect(Number(headers.get('retry-after')) > 0).toBe(retryAfter);
    } finally {
      faults.clear();
    }
  });

  test('describes the response to a request that the app limits', async () => {
    const { faults } = cloud.cloud.emulator;
    try {
      faults.add({ operation: 'getTwin', kind: 'latency', delayMs: 4_000 });
      const get = () => call('getModules', 'GET', '/hubs/contoso/devices/pump-1/modules');
      const responses = await Promise.all(Array.from({ length: 6 }, get)); // five slots
      const limited = responses.find(({ text }) => JSON.parse(text).type === 'urn:module-keeper:limited');
      expect(Number(limited?.headers.get('retry-after'))).toBeGreaterThan(0);
    } finally {
      faults.clear();
    }
  });

  test.each([
    '{"dryRun":false,"hubs":["resting"]}',
    '{"hubs":["resting","nobody"]}',
    '{"hubs":[]}',
    '{"hubs":"resting"}',
    '{"hubs":[1]}',
    '{"dryRun":1}',
    '[]',
    'null',
    '"resting"',
  ])('takes the request body %s as the app does', async (body) => {
    // Hubs that are paused or unknown are refused later, by 409 and 404; so nothing is started here either way.
    const { status } = await call('startSweep', 'POST', '/sweeps', body);
    expect(status !== 400).toBe(api.mistakes('SweepRequest', JSON.parse(body)).length === 0);
  });
});

test('docs/openapi.json describes an app without a valid policy', async () => {
  const cloud = await TestCloud.start();
  try {
    const container = cloud.blobs.getContainerClient('module-keeper');
    await container.createIfNotExists();
    await container.getBlockBlobClient('policy.json').upload('[]', 2);
    for (const [name, method, path, expected] of [
      ['health', 'GET', '/health', 503],
      ['getPolicy', 'GET', '/policy', 200],
      ['getModules', 'GET', '/hubs/contoso/devices/a/modules', 503],
      ['ensureModules', 'PUT', '/hubs/contoso/devices/a/modules', 503],
    ] as const) {
      const { status, headers, text } = await cloud.call(method, `/api${path}`);
      expect(status).toBe(expected);
      expect(api.mistakesOfAnswer(name, { status, contentType: headers.get('content-type'), text })).toEqual([]);
    }
  } finally {
    await cloud.cloud.close();
  }
});

test('docs/openapi.json describes a misconfigured app', async () => {
  const cloud = await TestCloud.start({ settings: { HUB_TIER: 'S9' } });
  try {
    for (const { name, method, path } of api.operations) {
      const real = path.replace(/\{(\w+)\}/g, (_all, key: string) =>
        key === 'runId' ? '20261123T020000Z-4f2a' : 'contoso',
      );
      const { status, headers, text } = await cloud.call(method, `/api${real}`);
      expect([name, status]).toEqual([name, ['openapi', 'statusPage'].includes(name) ? 200 : 503]);
      expect(api.mistakesOfAnswer(name, { status, contentType: headers.get('content-type'), text })).toEqual([]);
    }
  } finally {
    await cloud.cloud.close();
  }
});
