import { describe, expect, test } from '@jest/globals';
import { specialDeviceIds } from '../../../local/emulator/seedDevices.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import type { HubClient, Reply } from './hubClient.ts';
import { withEmulator } from './withEmulator.ts';

const agent = 'DefenderIotMicroAgent';
const deviceBody = (deviceId: string, more: object = {}) => ({ body: { deviceId, ...more } });
const putModule = (client: HubClient, device: string, moduleId = agent, more: object = {}, headers = {}) =>
  client.send('PUT', `/devices/${encodeURIComponent(device)}/modules/${encodeURIComponent(moduleId)}`, {
    body: { deviceId: device, moduleId, ...more },
    headers,
  });
const outcome = (reply: Reply) => [reply.status, reply.headers['iothub-errorcode']];

describe('A device', () => {
  test('is made by PUT without If-Match, once', async () => {
    await withEmulator({}, async (client, emulator) => {
      expect((await client.send('PUT', '/devices/a', deviceBody('a'))).status).toBe(200);
      const again = await client.send('PUT', '/devices/a', { ...deviceBody('a'), headers: { 'if-match': '""' } });
      expect(outcome(again)).toEqual([409, 'DeviceAlreadyExists']);
      expect(emulator.hub.counts).toEqual({ devices: 1, modules: 0, enabled: 1, disabled: 0 });
    });
  });

  test('keeps its id with every legal mark, in paths and lists', async () => {
    await withEmulator({}, async (client) => {
      for (const id of specialDeviceIds) {
        const path = `/devices/${encodeURIComponent(id)}`;
        expect((await client.send('PUT', path, deviceBody(id))).body).toMatchObject({ deviceId: id });
        expect((await client.send('GET', path)).body).toMatchObject({ deviceId: id });
        expect((await putModule(client, id)).body).toMatchObject({ deviceId: id, moduleId: agent });
        expect((await client.send('GET', `/twins/${encodeURIComponent(id)}/modules/${agent}`)).status).toBe(200);
      }
      const listed = (await client.send('GET', '/devices/')).body as { deviceId: string }[];
      expect(listed.map((device) => device.deviceId).sort()).toEqual([...specialDeviceIds].sort());
    });
  });

  test.each([
    ['.'],
    ['..'],
    ['%2e%2e'],
    ['%2E'],
    ['a%2Fb'],
    ['a%20b'],
    ['%C3%A9'],
    [`${'x'.repeat(129)}`],
    ['%00'],
    ['%ff'],
    ['%'],
  ])('is refused with the id %s', async (segment) => {
    await withEmulator({}, async (client, emulator) => {
      const reply = await client.send('PUT', `/devices/${segment}`, deviceBody('..'));
      expect(outcome(reply)).toEqual([400, 'ArgumentInvalid']);
      expect(emulator.hub.counts.devices).toBe(0);
    });
  });

  test('is replaced under If-Match only, and gets new keys if none are given', async () => {
    await withEmulator({}, async (client, emulator) => {
      const update = (etag: string) =>
        client.send('PUT', '/devices/a', { ...deviceBody('a', { status: 'disabled' }), headers: { 'if-match': etag } });
      expect(outcome(await update('*'))).toEqual([404, 'DeviceNotFound']);
      emulator.hub.createDevice({ deviceId: 'a' });
      const before = emulator.hub.keyHash('a');
      expect(outcome(await update('"stale"'))).toEqual([412, 'PreconditionFailed']);
      expect((await update('"*"')).body).toMatchObject({ status: 'disabled' });
      expect(emulator.hub.keyHash('a')).not.toBe(before);
      expect(emulator.hub.counts.disabled).toBe(1);
    });
  });

  test('is deleted under If-Match only, with its modules', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a', edge: true });
      expect(emulator.hub.counts.modules).toBe(2);
      expect((await client.send('DELETE', '/devices/a')).status).toBe(412);
      expect((await client.send('DELETE', '/devices/a', { headers: { 'if-match': '*' } })).status).toBe(204);
      expect(emulator.hub.counts).toEqual({ devices: 0, modules: 0, enabled: 0, disabled: 0 });
      expect((await client.send('DELETE', '/devices/a', { headers: { 'if-match': '*' } })).status).toBe(404);
    });
  });

  test('shows each way to authenticate as a hub does', async () => {
    await withEmulator({}, async (client) => {
      const create = async (deviceId: string, authentication: unknown) =>
        (await client.send('PUT', `/devices/${deviceId}`, deviceBody(deviceId, { authentication }))) as Reply & {
          body: { authentication: unknown };
        };
      const thumbprint = 'A'.repeat(40);
      const selfSigned = await create('a', { x509Thumbprint: { primaryThumbprint: thumbprint } });
      expect(selfSigned.body.authentication).toEqual({
        symmetricKey: { primaryKey: null, secondaryKey: null },
        x509Thumbprint: { primaryThumbprint: thumbprint, secondaryThumbprint: null },
        type: 'selfSigned',
      });
      expect((await create('b', { type: 'certificateAuthority' })).body.authentication).toMatchObject({
        type: 'certificateAuthority',
      });
      const keys = {
        primaryKey: Buffer.alloc(16, 1).toString('base64'),
        secondaryKey: Buffer.alloc(64, 2).toString('base64'),
      };
      expect((await create('c', { type: 'sas', symmetricKey: keys })).body.authentication).toMatchObject({
        symmetricKey: keys,
      });
      for (const bad of [
        { type: 'magic' },
        'sas',
        { symmetricKey: { primaryKey: keys.primaryKey } },
        { symmetricKey: { primaryKey: 'short', secondaryKey: 'short' } },
        { x509Thumbprint: { primaryThumbprint: 'AA:BB' } },
      ]) {
        expect((await create('d', bad)).status).toBe(400);
      }
    });
  });

  test('can be read only some time after its creation, if so wished', async () => {
    const clock = new FakeClock();
    await withEmulator({ clock, readableAfterMs: 5000 }, async (client) => {
      await client.send('PUT', '/devices/a', deviceBody('a'));
      expect(outcome(await client.send('GET', '/devices/a'))).toEqual([404, 'DeviceNotFound']);
      expect(outcome(await client.send('GET', '/twins/a'))).toEqual([404, 'DeviceNotFound']);
      expect(outcome(await putModule(client, 'a'))).toEqual([401, 'IotHubUnauthorizedAccess']);
      expect((await client.send('PUT', '/devices/a', deviceBody('a'))).status).toBe(409);
      await clock.advance(5000);
      expect((await client.send('GET', '/devices/a')).status).toBe(200);
      expect((await putModule(client, 'a')).status).toBe(200);
    });
  });
});

describe('A module', () => {
  test('is made once; the second time is 409301 in its own shape, and the keys stay', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      expect((await putModule(client, 'a')).status).toBe(200);
      const before = emulator.hub.keyHash('a', agent);
      const again = await putModule(client, 'a');
      expect(outcome(again)).toEqual([409, 'ModuleAlreadyExistsOnDevice']);
      expect(again.body).toEqual({
        errorCode: 409301,
        message: `Device a in IotHub contoso already contains Module ${agent}.`,
        trackingId: expect.stringMatching(/^[0-9a-f]{32}$/),
        timestampUtc: expect.any(String),
      });
      expect(emulator.hub.keyHash('a', agent)).toBe(before);
      expect((await putModule(client, 'a', agent, {}, { 'if-match': '*' })).status).toBe(200);
      expect(emulator.hub.keyHash('a', agent)).not.toBe(before);
    });
  });

  test('of a missing or disabled device is a 401 under SAS, while its twin is there or a 404', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'off' });
      emulator.hub.createModule('off', { moduleId: agent });
      emulator.hub.setDeviceStatus('off', 'disabled');
      for (const device of ['off', 'missing']) {
        for (const [method, path] of [
          ['GET', `/devices/${device}/modules`],
          ['GET', `/devices/${device}/modules/${agent}`],
          ['DELETE', `/devices/${device}/modules/${agent}`],
        ] as const) {
          expect(outcome(await client.send(method, path))).toEqual([401, 'IotHubUnauthorizedAccess']);
        }
        const put = await putModule(client, device);
        expect(put.status).toBe(401);
        expect(put.body).toEqual({ Message: expect.stringContaining('"errorCode":401002'), ExceptionMessage: '' });
      }
      expect((await client.send('GET', `/twins/off/modules/${agent}`)).status).toBe(200);
      expect(outcome(await client.send('GET', `/twins/missing/modules/${agent}`))).toEqual([404, 'DeviceNotFound']);
      expect(outcome(await client.send('GET', '/twins/off/modules/other'))).toEqual([404, 'DeviceNotFound']);
    });
  });

  test('that is missing is 404010, and one of the service cannot be made, changed or deleted', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'edge', edge: true });
      expect(outcome(await client.send('GET', '/devices/edge/modules/none'))).toEqual([404, 'ModuleNotFound']);
      expect(outcome(await putModule(client, 'edge', 'none', {}, { 'if-match': '*' }))).toEqual([
        404,
        'ModuleNotFound',
      ]);
      expect(outcome(await putModule(client, 'edge', '$mine'))).toEqual([400, 'ArgumentInvalid']);
      const changed = await putModule(client, 'edge', '$edgeAgent', {}, { 'if-match': '*' });
      expect(outcome(changed)).toEqual([401, 'SystemModuleModifyUnauthorizedAccess']);
      const deleted = await client.send('DELETE', '/devices/edge/modules/$edgeHub', { headers: { 'if-match': '*' } });
      expect(deleted.status).toBe(401);
      expect(emulator.hub.counts.modules).toBe(2);
    });
  });

  test('fits on a device 50 times, and on a hub until the cap of identities', async () => {
    await withEmulator({ maxIdentities: 53 }, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      for (let index = 0; index < 50; index += 1) emulator.hub.createModule('a', { moduleId: `m${index}` });
      expect(outcome(await putModule(client, 'a'))).toEqual([413, 'TooManyModulesOnDevice']);
      emulator.hub.createDevice({ deviceId: 'b' });
      expect((await putModule(client, 'b')).status).toBe(200);
      const over = await putModule(client, 'b', 'other');
      expect(outcome(over)).toEqual([403, 'IotHubQuotaExceeded']);
      expect(over.body).toMatchObject({
        Message: expect.stringContaining('Total number of devices on IotHub exceeded'),
      });
      emulator.hub.deleteModule('a', 'm0');
      expect((await putModule(client, 'b', 'other')).status).toBe(200);
    });
  });

  test('is not to be had in a Basic tier, nor is a twin, and query rows lack properties there', async () => {
    await withEmulator({ tier: 'B1' }, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      const refused = [403, 'OperationNotAvailableInCurrentTier'];
      expect(outcome(await putModule(client, 'a'))).toEqual(refused);
      expect(outcome(await client.send('GET', '/twins/a'))).toEqual(refused);
      const [row] = (await client.query('SELECT * FROM devices')).body as object[];
      expect(Object.keys(row ?? {})).not.toContain('properties');
    });
  });
});

describe('A module twin', () => {
  test('merges on PATCH, replaces on PUT, and counts its versions', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      emulator.hub.createModule('a', { moduleId: 'm', desired: { keep: 1, drop: 2, deep: { x: 1, list: [1, 2] } } });
      const path = '/twins/a/modules/m';
      const patched = await client.send('PATCH', path, {
        body: {
          tags: { site: 'cork' },
          properties: { desired: { drop: null, deep: { y: 2, list: [3] } } },
        },
      });
      expect(patched.body).toMatchObject({ version: 3, etag: 'AAAAAAAAAAI=', tags: { site: 'cork' } });
      const { desired } = (patched.body as { properties: { desired: Record<string, unknown> } }).properties;
      const { $metadata, ...values } = desired;
      expect(values).toEqual({ keep: 1, deep: { x: 1, y: 2, list: [3] }, $version: 2 });
      expect($metadata).toMatchObject({
        keep: { $lastUpdatedVersion: 1 },
        deep: { $lastUpdatedVersion: 2, x: { $lastUpdatedVersion: 1 } },
      });
      expect($metadata).not.toHaveProperty('drop');
      const replaced = await client.send('PUT', path, { body: { properties: { desired: { only: true } } } });
      expect(replaced.body).toMatchObject({ version: 4, properties: { desired: { only: true, $version: 3 } } });
      expect(replaced.body).not.toHaveProperty('tags');
      expect(replaced.body).not.toHaveProperty('properties.desired.keep');
    });
  });

  test('takes a member named __proto__ as a member like any other', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      const body = Buffer.from('{"tags":{"__proto__":{"polluted":true}}}');
      const reply = await client.send('PATCH', '/twins/a', { body });
      expect(JSON.stringify(reply.body)).toContain('"tags":{"__proto__":{"polluted":true}}');
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });
  });

  test.each([
    ['a name with a dot', { tags: { 'a.b': 1 } }],
    ['a name with a dollar', { tags: { $a: 1 } }],
    ['a value over 4 KB', { tags: { a: 'x'.repeat(4097) } }],
    ['tags over 8 KB', { tags: { a: 'x'.repeat(4000), b: 'x'.repeat(4000), c: 'x'.repeat(4000) } }],
    ['more than ten levels', { properties: { desired: JSON.parse(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`) } }],
    ['tags that are no object', { tags: [] }],
    ['properties that are no object', { properties: 'x' }],
  ])('refuses %s', async (_what, body) => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      expect(outcome(await client.send('PATCH', '/twins/a', { body }))).toEqual([400, 'ArgumentInvalid']);
      expect(emulator.hub.twin('a')).toMatchObject({ version: 2 });
    });
  });
});
