import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../support/fakeClock.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { devicePath, illegalSegments, modulePath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { moduleShape } from './shapes.ts';

const hub = hubUnderTest();

describe('GET /devices/{id}/modules/{moduleId}', () => {
  describe('shape', () => {
    test('returns the identity with its members in order, and no etag header', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id, agent, { managedBy: 'keeper' });
      const reply = await hub.send('GET', modulePath(id, agent), { apiVersion: '2020-03-13' });
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(shapeOf(reply.body)).toEqual(moduleShape('read', agent, 'keeper'));
      expect(reply.body).toMatchObject({ deviceId: id, moduleId: agent });
      expect(reply.headers.etag).toBeUndefined();
    });

    test('returns 404 ModuleNotFound for a missing module', async () => {
      const id = await hub.makeDevice();
      expectRefusal(await hub.send('GET', modulePath(id, agent)), 404, 'ModuleNotFound');
    });

    test('returns 401 in the nested format under SAS for a missing device', async () => {
      const reply = await hub.send('GET', modulePath(hub.newId(), agent));
      expectRefusal(reply, 401, 'IotHubUnauthorizedAccess', 'nested');
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses %s as device id and as module id', async (segment) => {
      const id = await hub.makeDevice();
      for (const path of [`/devices/${segment}/modules/${agent}`, `${devicePath(id)}/modules/${segment}`])
        expectRefusal(await hub.send('GET', path), 400, 'ArgumentInvalid');
    });
  });

  describe('behaviour', () => {
    test('returns 401 under SAS for a disabled device', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      await hub.send('PUT', devicePath(id), {
        body: { deviceId: id, status: 'disabled' },
        headers: { 'if-match': '*' },
      });
      expectRefusal(await hub.send('GET', modulePath(id, agent)), 401, 'IotHubUnauthorizedAccess', 'nested');
    });

    test('returns a system module without keys', async () => {
      const id = await hub.makeDevice({ capabilities: { iotEdge: true } });
      const reply = await hub.send('GET', modulePath(id, '$edgeAgent'));
      expect([reply.status, reply.body]).toEqual([200, expect.objectContaining({ moduleId: '$edgeAgent' })]);
      expect(reply.body).toMatchObject({ authentication: { type: 'none', symmetricKey: { primaryKey: null } } });
    });

    test('distinguishes modules with the same id on two devices', async () => {
      const [first, second] = [await hub.makeDevice(), await hub.makeDevice()];
      await hub.makeModule(first);
      await hub.makeModule(second, agent, { managedBy: 'other' });
      expect((await hub.send('GET', modulePath(first, agent))).body).toMatchObject({
        deviceId: first,
        managedBy: null,
      });
      expect((await hub.send('GET', modulePath(second, agent))).body).toMatchObject({ managedBy: 'other' });
    });

    emulatorOnly(needs.clock, 'finds a new module only after some seconds, if so wished', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, readableAfterMs: 5000 }, async (client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'a' });
        expectRefusal(await client.send('GET', '/devices/a/modules/m'), 401, 'IotHubUnauthorizedAccess', 'nested');
        await clock.advance(5000);
        emulator.hub.createModule('a', { moduleId: 'm' });
        expectRefusal(await client.send('GET', '/devices/a/modules/m'), 404, 'ModuleNotFound');
        await clock.advance(5000);
        expect((await client.send('GET', '/devices/a/modules/m')).status).toBe(200);
      });
    });

    emulatorOnly(needs.tier, 'is not to be had in a Basic tier', async () => {
      await withEmulator({ tier: 'B1' }, async (client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'a' });
        for (const path of ['/devices/a/modules', '/devices/a/modules/m'])
          expectRefusal(await client.send('GET', path), 403, 'OperationNotAvailableInCurrentTier');
      });
    });
  });
});
