import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bearerToken, json, moduleKey, ScriptedHub, sharedKey, text } from './scriptedHub.ts';

const agent = 'DefenderIotMicroAgent';
const version = '?api-version=2021-04-12';
const oddIds: [id: string, encoded: string][] = [
  ['50%_#1?', '50%25_%231%3F'],
  ["a'b", "a'b"],
  ['x*(y)!$@=;,:.+', 'x*(y)!%24%40%3D%3B%2C%3A.%2B'],
];

/** As recorded of the service, keys and all. */
const moduleIdentity = (deviceId: string, moduleId = agent) => ({
  moduleId,
  managedBy: null,
  deviceId,
  generationId: '637342046180000000',
  etag: 'NzE2MDI0OTgx',
  connectionState: 'Disconnected',
  authentication: {
    symmetricKey: { primaryKey: moduleKey, secondaryKey: moduleKey },
    x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
    type: 'sas',
  },
});

const hub = new ScriptedHub();
let call: ReturnType<ScriptedHub['caller']>;
beforeAll(async () => {
  await hub.start();
  call = hub.caller();
}, 30_000);
afterAll(() => hub.close());

describe('creating one module', () => {
  test.each(oddIds)('of device %s is a PUT without If-Match, and without keys', async (deviceId, encoded) => {
    hub.answer = json(200, moduleIdentity(deviceId));
    const answer = await call('createModule', { deviceId, moduleId: agent, authentication: 'sas' });
    expect(answer).toEqual({ id: answer.id, result: 'created', leaks: [] });
    expect(hub.last).toMatchObject({ method: 'PUT', url: `/devices/${encoded}/modules/${agent}${version}` });
    expect(hub.last.body).toEqual({ deviceId, moduleId: agent, authentication: { type: 'sas' } });
    expect(hub.last.headers).not.toHaveProperty('if-match');
    expect(hub.last.headers['content-type']).toContain('application/json');
  });

  test('signs with the key, for the host and port that it dials', async () => {
    hub.answer = json(200, moduleIdentity('d'));
    await call('createModule', { deviceId: 'd', moduleId: agent, authentication: 'sas' });
    expect(hub.last.headers.host).toBe(hub.host);
    const token = new URLSearchParams(hub.last.headers.authorization?.replace('SharedAccessSignature ', ''));
    const signed = `${hub.host}\n${token.get('se')}`;
    const signature = createHmac('sha256', Buffer.from(sharedKey, 'base64')).update(signed).digest('base64');
    expect(Object.fromEntries(token)).toMatchObject({ sr: hub.host, skn: 'keeper', sig: signature });
  });

  test('with a twin goes through the bulk call, which can write both', async () => {
    hub.answer = json(200, { isSuccessful: true, errors: [], warnings: [] });
    const twin = { tags: { site: 'Zürich' }, desired: { rate: 5 } };
    const creation = { deviceId: "a'b", moduleId: agent, authentication: 'certificateAuthority', twin };
    expect(await call('createModule', creation)).toMatchObject({ result: 'created' });
    expect(hub.last).toMatchObject({ method: 'POST', url: `/devices${version}` });
    expect(hub.last.body).toEqual([
      {
        id: "a'b",
        moduleId: agent,
        importMode: 'create',
        authentication: { type: 'certificateAuthority' },
        tags: { site: 'Zürich' },
        properties: { desired: { rate: 5 } },
      },
    ]);
  });
});

describe('creating modules in bulk', () => {
  test('is a bare array of identities to create, without keys', async () => {
    hub.answer = json(200, { isSuccessful: true, errors: [], warnings: [] });
    const creations = oddIds.map(([deviceId]) => ({ deviceId, moduleId: agent, authentication: 'sas' }));
    expect(await call('createModules', creations)).toMatchObject({ result: ['created', 'created', 'created'] });
    expect(hub.last).toMatchObject({ method: 'POST', url: `/devices${version}` });
    expect(hub.last.body).toEqual(
      oddIds.map(([id]) => ({ id, moduleId: agent, importMode: 'create', authentication: { type: 'sas' } })),
    );
  });

  test('of nothing is no call, and of more than 100 is refused before it', async () => {
    const calls = hub.requests.length;
    expect(await call('createModules', [])).toMatchObject({ result: [] });
    const many = Array.from({ length: 101 }, (_, index) => ({ deviceId: `d${index}`, moduleId: agent }));
    expect((await call('createModules', many)).error?.message).toContain('at most 100');
    expect(hub.requests).toHaveLength(calls);
  });
});

describe('listing devices', () => {
  const row = { deviceId: 'a', status: 'enabled', authenticationType: 'sas', capabilities: { iotEdge: false } };

  test('asks for as many rows as it was told, and hands on the token as it came', async () => {
    const token = 'eyJ0b2tlbiI6IitSSUQ6fnh4K0FBPT0jUlQ6MSJ9+/=;,';
    hub.answer = json(200, [row], { 'x-ms-continuation': token, 'x-ms-item-type': 'Raw' });
    const first = await call('listDevices', { withTags: false, maxRows: 250 });
    expect(first.result).toEqual({
      rows: [{ deviceId: 'a', status: 'enabled', authenticationType: 'sas', edge: false }],
      continuation: token,
    });
    expect(hub.last).toMatchObject({ method: 'POST', url: `/devices/query${version}` });
    expect(hub.last.body).toEqual({
      query: 'SELECT deviceId, status, authenticationType, capabilities FROM devices',
    });
    expect(hub.last.headers).toMatchObject({ 'x-ms-max-item-count': '250' });
    expect(hub.last.headers).not.toHaveProperty('x-ms-continuation');

    hub.answer = json(200, []);
    const last = await call('listDevices', { withTags: false, maxRows: 250, continuation: token });
    expect(last.result).toEqual({ rows: [] });
    expect(hub.last.headers).toMatchObject({ 'x-ms-continuation': token, 'x-ms-max-item-count': '250' });
  });

  test('reads what selection needs, takes defaults for what is left out, and skips what is no device', async () => {
    hub.answer = json(200, [
      { ...row, status: 'disabled', authenticationType: 'certificateAuthority', capabilities: { iotEdge: true } },
      { deviceId: 'bare' },
      { deviceId: 'tagged', tags: { site: { plant: 'north' } } },
      { moduleId: 'no device' },
      null,
      7,
    ]);
    const { result } = await call('listDevices', { withTags: true, maxRows: 100 });
    const plain = { status: 'enabled', authenticationType: 'sas', edge: false };
    expect(result).toEqual({
      rows: [
        { deviceId: 'a', status: 'disabled', authenticationType: 'certificateAuthority', edge: true, tags: {} },
        { ...plain, deviceId: 'bare', tags: {} },
        { ...plain, deviceId: 'tagged', tags: { site: { plant: 'north' } } },
      ],
    });
  });

  test('keeps characters whole that lie across two packets', async () => {
    const bytes = Buffer.from(JSON.stringify([{ ...row, tags: { site: 'Zürich 東京' } }]));
    hub.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' });
      let at = 0;
      const sendNext = () => {
        if (at >= bytes.length) return response.end();
        response.write(bytes.subarray(at, at + 1), () => setImmediate(sendNext));
        at += 1;
      };
      response.socket?.setNoDelay(true);
      sendNext();
    };
    const { result } = await call('listDevices', { withTags: true, maxRows: 100 });
    expect(result).toMatchObject({ rows: [{ tags: { site: 'Zürich 東京' } }] });
  });
});

describe('the other reads', () => {
  test('findModules sends the query as it is, and answers names alone', async () => {
    hub.answer = json(200, [{ deviceId: "a'b", moduleId: agent, extra: 1 }, { deviceId: 'x' }]);
    const query = `SELECT deviceId, moduleId FROM devices.modules WHERE moduleId = "${agent}" AND deviceId IN ["a'b"]`;
    const { result } = await call('findModules', { text: query });
    expect(result).toEqual({ rows: [{ deviceId: "a'b", moduleId: agent }] });
    expect(hub.last.body).toEqual({ query });
    expect(hub.last.headers).not.toHaveProperty('x-ms-max-item-count');
  });

  test.each(oddIds)('getDevice reads the twin of %s', async (deviceId, encoded) => {
    hub.answer = json(200, { deviceId, status: 'disabled', authenticationType: 'selfSigned', tags: { a: 1 } });
    expect((await call('getDevice', deviceId)).result).toEqual({
      deviceId,
      status: 'disabled',
      authenticationType: 'selfSigned',
      edge: false,
      tags: { a: 1 },
    });
    expect(hub.last).toMatchObject({ method: 'GET', url: `/twins/${encoded}${version}`, body: undefined });
  });

  test.each(oddIds)('hasModule reads the module twin of %s', async (deviceId, encoded) => {
    hub.answer = json(200, { deviceId, moduleId: agent, properties: { desired: {}, reported: {} } });
    expect((await call('hasModule', { deviceId, moduleId: agent })).result).toBe(true);
    expect(hub.last).toMatchObject({ method: 'GET', url: `/twins/${encoded}/modules/${agent}${version}` });
    for (const code of ['DeviceNotFound', 'ModuleNotFound']) {
      hub.answer = text(404, '', { 'iothub-errorcode': code });
      expect((await call('hasModule', { deviceId, moduleId: agent })).result).toBe(false);
    }
  });

  test('countDevices reads the statistics', async () => {
    hub.answer = json(200, { totalDeviceCount: 5, enabledDeviceCount: 0, disabledDeviceCount: 0 });
    expect((await call('countDevices')).result).toBe(5);
    expect(hub.last).toMatchObject({ method: 'GET', url: `/statistics/devices${version}` });
  });
});

test('under Entra ID the token goes along, and nothing of it comes back', async () => {
  const entra = hub.caller({ entra: true });
  hub.answer = json(200, moduleIdentity('d'));
  const answer = await entra('createModule', { deviceId: 'd', moduleId: agent, authentication: 'sas' });
  expect(answer).toMatchObject({ result: 'created', leaks: [] });
  expect(hub.last.headers.authorization).toBe(`Bearer ${bearerToken}`);
});
