import { describe, expect, test } from '@jest/globals';
import { specialDeviceIds } from '../../../local/emulator/seedDevices.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import type { Reply } from './hubClient.ts';
import { agent, outcome, putModule } from './moduleCalls.ts';
import { withEmulator } from './withEmulator.ts';

const deviceBody = (deviceId: string, more: object = {}) => ({ body: { deviceId, ...more } });

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

  test('becomes an Edge device with its system modules, or stays as it was when they do not fit', async () => {
    await withEmulator({ maxModulesPerDevice: 3 }, async (client, emulator) => {
      const makeEdge = (deviceId: string) =>
        client.send('PUT', `/devices/${deviceId}`, {
          ...deviceBody(deviceId, { capabilities: { iotEdge: true } }),
          headers: { 'if-match': '*' },
        });
      emulator.hub.createDevice({ deviceId: 'roomy' });
      expect((await makeEdge('roomy')).body).toMatchObject({ capabilities: { iotEdge: true } });
      expect(emulator.hub.device('roomy')?.moduleIds).toEqual(['$edgeAgent', '$edgeHub']);
      emulator.hub.createDevice({ deviceId: 'full' });
      for (const moduleId of ['m1', 'm2']) emulator.hub.createModule('full', { moduleId });
      const before = emulator.hub.identity('full');
      expect(outcome(await makeEdge('full'))).toEqual([413, 'TooManyModulesOnDevice']);
      expect(emulator.hub.identity('full')).toEqual(before);
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
