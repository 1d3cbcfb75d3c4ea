import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { ApiDescription } from '../docs/apiDescription.ts';
import { propertyRuns } from '../support/propertyRuns.ts';
import { agent, keys, TestCloud } from './testCloud.ts';

const api = new ApiDescription();
const runId = '20261123T020000Z-4f2a';

interface Sent {
  method: string;
  path: string;
  query?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
}

/** Returns every string of at least 20 characters in a property whose name contains "key". */
function keysIn(value: unknown, below = ''): string[] {
  if (typeof value === 'string') return /key/i.test(below) && value.length >= 20 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => keysIn(inner, name));
}

describe('every route', () => {
  let cloud: TestCloud;
  let secrets: string[];
  let doneRun: string;

  beforeAll(async () => {
    cloud = await TestCloud.start({
      seed: ({ hub }) => seedDevices(hub, { count: 40, mix: { disabled: 0.2 } }),
      // The timers would touch what no request has touched.
      settings: { 'AzureWebJobs.watchHubs.Disabled': 'true', 'AzureWebJobs.nightlySweep.Disabled': 'true' },
    });
    cloud.hub.createDevice({ deviceId: 'pump-1' });
    const [{ runId: started }] = (await cloud.json<{ runs: [{ runId: string }] }>('POST', '/api/sweeps', {})).body.runs;
    doneRun = started;
    await cloud.until('the sweep ends', async () =>
      /"status":"done"/.test((await cloud.call('GET', `/api/sweeps/contoso/${started}`)).text),
    );
    const ofHub = [...cloud.hub.devices()].flatMap(({ deviceId, moduleIds }) => [
      ...keysIn(cloud.hub.identity(deviceId)),
      ...moduleIds.flatMap((moduleId) => keysIn(cloud.hub.identity(deviceId, moduleId))),
    ]);
    const policyKey = /SharedAccessKey=(.+)$/.exec(cloud.cloud.emulator.connectionString)?.[1] ?? '';
    const storageKey = /AccountKey=([^;]+)/.exec(cloud.cloud.storageConnectionString)?.[1] ?? '';
    secrets = [...ofHub, policyKey, storageKey, keys.host, keys.master, 'SharedAccessSignature', 'sig='];
    expect(ofHub.length).toBeGreaterThan(80);
    expect(Math.min(...secrets.map(({ length }) => length))).toBeGreaterThan(3);
  });
  afterAll(() => cloud.cloud.close());

  /** Until no run is live, and the last wake-up has been worked on. */
  async function untilQuiet(): Promise<void> {
    let last = '';
    await cloud.until(
      'nothing changes any more',
      async () => {
        const before = last;
        last = await state();
        const isIdle = !/"liveRun":\{/.test((await cloud.call('GET', '/api/hubs')).text);
        return isIdle && before === last && last.includes('hub-work 0');
      },
      1_500,
    );
  }

  /** Sends the bytes as they are: `fetch` would tidy the path, and sends no body with GET. */
  function send({ method, path, query = '', body, headers = {} }: Sent): Promise<{ status: number; all: string }> {
    const { hostname, port } = new URL(cloud.cloud.host.url);
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const options = { hostname, port, method, path: `/api${path}${query}` };
      const sent = request(
        { ...options, headers: { 'x-functions-key': keys.host, ...length, ...headers } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const all = `${JSON.stringify(response.headers)}\n${Buffer.concat(chunks).toString('utf8')}`;
            resolve({ status: response.statusCode ?? 0, all });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const leaked = (text: string) =>
    secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)));

  /** Everything that a request could have touched. */
  async function state(): Promise<string> {
    const hub = [...cloud.hub.devices()].map(({ deviceId, moduleIds }) => [deviceId, moduleIds]);
    const blobs: string[] = [];
    for await (const { name, properties } of cloud.blobs.getContainerClient('module-keeper').listBlobsFlat()) {
      blobs.push(`${name} ${properties.etag}`);
    }
    const queues: string[] = [];
    for await (const { name } of cloud.queues.listQueues()) {
      const { approximateMessagesCount } = await cloud.queues.getQueueClient(name).getProperties();
      queues.push(`${name} ${approximateMessagesCount}`);
    }
    return JSON.stringify({ hub, blobs, queues, calls: cloud.hubCalls() }, null, 1);
  }

  const pathOf = (path: string, params: Record<string, string>) =>
    path.replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? '');
  const real = { hub: 'contoso', deviceId: 'pump-1' };

  test('answers a good request without any key', async () => {
    const queries: Record<string, string[]> = {
      getFailures: ['', '?format=csv'],
      getExemptions: ['', '?format=csv'],
      putPolicy: ['?dryRun=true'],
    };
    for (const { name, method, path } of api.operations) {
      for (const query of queries[name] ?? ['']) {
        const bodies: Record<string, string> = { startSweep: '{"dryRun":true}', putPolicy: '[{"moduleId":"other"}]' };
        const body = name in bodies ? { body: bodies[name] ?? '' } : {};
        const answer = await send({ method, path: pathOf(path, { ...real, runId: doneRun }), query, ...body });
        const good = { startSweep: 202, undoSweep: 409 }[name] ?? 200; // there is nothing to undo
        expect([name, answer.status]).toEqual([name, good]);
        expect([name, leaked(answer.all)]).toEqual([name, []]);
      }
    }
    const found = await send({ method: 'GET', path: '/hubs/contoso/devices/pump-1/modules' });
    expect(found.all).toContain(agent); // the search looks at real answers
    await untilQuiet();
  });

  test('refuses what it does not understand with 4xx, shows no key, and touches nothing', async () => {
    await untilQuiet();
    const before = await state();
    const html = '<script>alert(1)</script>';
    const nasty = fc.oneof(
      fc.constantFrom(html, '..', '../../hubs', '%2e%2e', 'hubs/contoso', '\u0000', "' or 1=1", '$(x)', '{{x}}', 'NaN'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }).filter((text) => text.isWellFormed()),
    );
    const encoded = nasty.map((text) =>
      encodeURIComponent(text).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E')),
    );
    const forged = fc.constantFrom(
      runId,
      `${runId}.json`,
      `${runId}%0A`,
      `..%2F${runId}`,
      'latest',
      '0',
      encodeURIComponent(html),
    );
    const operation = fc.constantFrom(...api.operations);
    const params = fc.oneof(
      fc.record({ hub: encoded, runId: fc.constant(runId), deviceId: fc.constant('pump-1') }),
      fc.record({ hub: fc.constant('contoso'), runId: forged, deviceId: encoded.map((id) => `%20${id}`) }),
    );
    const query = fc.tuple(encoded, encoded).map(([name, value]) => `?x${name}=${value}`);
    // With neither a wrong path nor a wrong query the request might be a good one; the name of the hub may be right.
    const hostile = operation.chain((one) => {
      const hasParams = /\{(runId|deviceId)\}/.test(one.path);
      return fc.tuple(fc.constant(one), params, hasParams ? fc.oneof(fc.constant(''), query) : query);
    });
    await fc.assert(
      fc.asyncProperty(hostile, async ([{ name, method, path }, values, text]) => {
        const { status, all } = await send({ method, path: pathOf(path, values), query: text });
        expect([name, status >= 400 && status < 500]).toEqual([name, true]);
        expect(leaked(all)).toEqual([]);
      }),
      propertyRuns(150),
    );
    expect(await state()).toBe(before);
  });

  test.each([
    ['10 MB of JSON', Buffer.from(`{"hubs":["${'x'.repeat(10_000_000)}"]}`), 'application/json', 413],
    ['10 MB of nothing', Buffer.alloc(10_000_000), 'application/octet-stream', 413],
    ['JSON that says it is HTML', Buffer.from('{"dryRun":true}'), 'text/html', 415],
    ['JSON that says it is XML', Buffer.from('{"dryRun":true}'), 'application/xml', 415],
    ['a text', Buffer.from('dry run, please'), 'text/plain', 400],
    ['JSON in parts of a form', Buffer.from('{"dryRun":true}'), 'multipart/form-data; boundary=x', 415],
    ['a form', Buffer.from('dryRun=true'), 'application/x-www-form-urlencoded', 400],
    ['HTML', Buffer.from('<script>alert(1)</script>'), 'application/json', 400],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe, 0x7b, 0x7d]), 'application/json', 400],
    ['a hub named in HTML', Buffer.from('{"hubs":["<img src=x onerror=alert(1)>"]}'), 'application/json', 404],
    ['deep nesting', Buffer.from('['.repeat(30_000)), 'application/json', 400],
  ])('starts no sweep for a body of %s', async (_what, body, type, status) => {
    const before = await state();
    const answer = await send({ method: 'POST', path: '/sweeps', body, headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
    expect(answer.all).toMatch(/application\/problem\+json/);
    expect(leaked(answer.all)).toEqual([]);
    expect(await state()).toBe(before);
  });

  test('reads no body where none belongs, however large', async () => {
    const before = await state();
    for (const { name, method, path } of api.operations) {
      if (name === 'startSweep' || name === 'putPolicy') continue;
      for (const body of ['{"dryRun":true}', Buffer.alloc(10_000_000, 'x')]) {
        const { status, all } = await send({ method, path: pathOf(path, { ...real, runId: doneRun }), body });
        expect([name, status]).toEqual([name, 400]);
        expect(leaked(all)).toEqual([]);
      }
    }
    expect(await state()).toBe(before);
  });

  test('answers an id of HTML as JSON or problem details, which no browser runs', async () => {
    const id = encodeURIComponent('<script>alert(1)</script>');
    for (const { method, path } of api.operations) {
      if (!path.includes('{')) continue;
      const { all } = await send({ method, path: pathOf(path, { hub: id, runId: id, deviceId: id }) });
      expect(all).not.toMatch(/"content-type":"text\/html/);
      expect(all).not.toContain('<script>');
    }
  });
});
