import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { json, ScriptedHub, text } from './scriptedHub.ts';
import { agent, unusualIds, version } from './wireWords.ts';

const hub = new ScriptedHub();
let call: ReturnType<ScriptedHub['caller']>;
beforeAll(async () => {
  await hub.start();
  call = hub.caller();
});
afterAll(() => hub.close());

const name = { deviceId: 'a', moduleId: agent };
const etag = 'MTQ4NzQ3NTk5';
const notFound = (code: number, codeName: string) =>
  json(404, { errorCode: code, message: 'no' }, { 'iothub-errorcode': codeName });
const preconditionFailed = json(
  412,
  { Message: 'ErrorCode:PreconditionFailed;x' },
  { 'iothub-errorcode': 'PreconditionFailed' },
);
const pathOf = (deviceId: string) => `${encodeURIComponent(deviceId)}/modules/${agent}${version}`;

describe('a module twin', () => {
  const twin = {
    ...name,
    etag: 'AAAAAAAAAAE=',
    tags: { site: 'cork' },
    properties: { desired: { level: 2, $metadata: { level: {} }, $version: 7 }, reported: { $version: 1 } },
  };

  test('is read with what a back end writes, and without metadata', async () => {
    hub.respond = json(200, twin);
    expect((await call('readModuleTwin', name)).result).toEqual({
      ...name,
      ...{ etag: 'AAAAAAAAAAE=', tags: { site: 'cork' }, desired: { level: 2 }, desiredVersion: 7 },
    });
    expect(hub.last).toMatchObject({ method: 'GET', url: `/twins/${pathOf('a')}` });
  });

  test('is undefined if module or device is missing', async () => {
    hub.respond = notFound(404001, 'DeviceNotFound');
    expect(await call('readModuleTwin', name)).not.toHaveProperty('result');
    hub.respond = notFound(404010, 'ModuleNotFound');
    expect(await call('readModuleTwin', name)).not.toHaveProperty('error');
  });

  test.each(unusualIds)(
    'of the device %s is written by PATCH with its etag, only with the given sections',
    async (deviceId) => {
      hub.respond = json(200, { ...twin, deviceId });
      const patch = { desired: { level: 3 } };
      expect((await call('writeModuleTwin', { ...name, deviceId }, patch, 'AAAAAAAAAAE=')).result).toBe('written');
      expect(hub.last).toMatchObject({ method: 'PATCH', url: `/twins/${pathOf(deviceId)}` });
      expect(hub.last.body).toEqual({ properties: { desired: { level: 3 } } });
      expect(hub.last.headers).toMatchObject({ 'if-match': '"AAAAAAAAAAE="' });
    },
  );

  test('that somebody else wrote meanwhile is a conflict', async () => {
    hub.respond = preconditionFailed;
    expect((await call('writeModuleTwin', name, { tags: { a: 1 } }, 'AAAAAAAAAAE=')).result).toBe('conflict');
  });
});

describe('a module identity', () => {
  const identity = {
    ...name,
    etag,
    generationId: '637345902183945',
    managedBy: null,
    connectionState: 'Disconnected',
    lastActivityTime: '0001-01-01T00:00:00Z',
    authentication: { type: 'sas', symmetricKey: { primaryKey: 'cHJpbWFyeQ==', secondaryKey: 'c2Vjb25kYXJ5' } },
  };
  const read = { ...name, etag, generationId: '637345902183945', authentication: 'sas', isConnected: false };

  test('is read without its keys', async () => {
    hub.respond = json(200, identity);
    expect((await call('readModule', name)).result).toEqual(read);
    expect(hub.last).toMatchObject({ method: 'GET', url: `/devices/${pathOf('a')}` });
  });

  test.each([
    [{ managedBy: 'IotEdge' }, { managedBy: 'IotEdge' }],
    [{ connectionState: 'Connected' }, { isConnected: true }],
    [{ connectionState: undefined }, { isConnected: true }],
    [{ lastActivityTime: '2026-11-28T10:00:00Z' }, { lastActivityTime: '2026-11-28T10:00:00Z' }],
    [
      {
        authentication: { type: 'selfSigned', x509Thumbprint: { primaryThumbprint: 'AB', secondaryThumbprint: null } },
      },
      { authentication: 'selfSigned', thumbprints: { primary: 'AB', secondary: null } },
    ],
    [{ authentication: { type: 'none' } }, { authentication: 'none' }],
  ])('with %j is read as one with %j', async (sent, expected) => {
    hub.respond = json(200, { ...identity, ...sent });
    expect((await call('readModule', name)).result).toEqual({ ...read, ...expected });
  });

  test.each(unusualIds)('a module of the device %s is removed by its etag', async (deviceId) => {
    hub.respond = text(204, '');
    expect((await call('removeModule', { ...name, deviceId }, etag)).result).toBe('removed');
    expect(hub.last).toMatchObject({ method: 'DELETE', url: `/devices/${pathOf(deviceId)}` });
    expect(hub.last.headers).toMatchObject({ 'if-match': `"${etag}"` });
  });

  test('that is missing, or was changed meanwhile, is not removed', async () => {
    hub.respond = notFound(404010, 'ModuleNotFound');
    expect((await call('removeModule', name, etag)).result).toBe('missing');
    hub.respond = preconditionFailed;
    expect((await call('removeModule', name, etag)).result).toBe('conflict');
  });
});
