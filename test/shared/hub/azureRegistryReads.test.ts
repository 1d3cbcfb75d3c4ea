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

describe('listing devices', () => {
  const row = { deviceId: 'a', status: 'enabled', authenticationType: 'sas', capabilities: { iotEdge: false } };

  test('requests the given number of rows, and passes the continuation token through unchanged', async () => {
    const token = 'eyJ0b2tlbiI6IitSSUQ6fnh4K0FBPT0jUlQ6MSJ9+/=;,';
    hub.respond = json(200, [row], { 'x-ms-continuation': token, 'x-ms-item-type': 'Raw' });
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

    hub.respond = json(200, []);
    const last = await call('listDevices', { withTags: false, maxRows: 250, continuation: token });
    expect(last.result).toEqual({ rows: [] });
    expect(hub.last.headers).toMatchObject({ 'x-ms-continuation': token, 'x-ms-max-item-count': '250' });
  });

  test('reads the members that selection needs, with defaults for missing ones, and counts other rows as unreadable', async () => {
    hub.respond = json(200, [
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
      unreadable: 3,
    });
  });

  test('decodes a character that is split across two packets', async () => {
    const bytes = Buffer.from(JSON.stringify([{ ...row, tags: { site: 'Zürich 東京' } }]));
    hub.respond = (response) => {
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

describe('other reads of the registry', () => {
  test('findModules sends the query unchanged, requests 1,000 rows, and returns only names', async () => {
    hub.respond = json(200, [{ deviceId: "a'b", moduleId: agent, extra: 1 }, { deviceId: 'x' }]);
    const query = `SELECT deviceId, moduleId FROM devices.modules WHERE moduleId = "${agent}" AND deviceId IN ["a'b"]`;
    const { result } = await call('findModules', { text: query });
    expect(result).toEqual({ rows: [{ deviceId: "a'b", moduleId: agent }], unreadable: 1 });
    expect(hub.last.body).toEqual({ query });
    expect(hub.last.headers).toMatchObject({ 'x-ms-max-item-count': '1000' });
  });

  test.each(unusualIds)('getDevice reads the twin of %s', async (deviceId, encoded) => {
    hub.respond = json(200, { deviceId, status: 'disabled', authenticationType: 'selfSigned', tags: { a: 1 } });
    expect((await call('getDevice', deviceId)).result).toEqual({
      deviceId,
      status: 'disabled',
      authenticationType: 'selfSigned',
      edge: false,
      tags: { a: 1 },
    });
    expect(hub.last).toMatchObject({ method: 'GET', url: `/twins/${encoded}${version}`, body: undefined });
  });

  test.each(unusualIds)('hasModule reads the module twin of %s', async (deviceId, encoded) => {
    hub.respond = json(200, { deviceId, moduleId: agent, properties: { desired: {}, reported: {} } });
    expect((await call('hasModule', { deviceId, moduleId: agent })).result).toBe(true);
    expect(hub.last).toMatchObject({ method: 'GET', url: `/twins/${encoded}/modules/${agent}${version}` });
    for (const code of ['DeviceNotFound', 'ModuleNotFound']) {
      hub.respond = text(404, '', { 'iothub-errorcode': code });
      expect((await call('hasModule', { deviceId, moduleId: agent })).result).toBe(false);
    }
  });

  test('countDevices reads the statistics', async () => {
    hub.respond = json(200, { totalDeviceCount: 5, enabledDeviceCount: 0, disabledDeviceCount: 0 });
    expect((await call('countDevices')).result).toBe(5);
    expect(hub.last).toMatchObject({ method: 'GET', url: `/statistics/devices${version}` });
  });
});
