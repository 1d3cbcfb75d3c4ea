import { describe, expect, test } from '@jest/globals';
import { specialDeviceIds } from '../../../../local/emulator/state/seedDevices.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { devicePath, dotSegments, illegalSegments } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { deviceShape } from './shapes.ts';

const hub = hubUnderTest();

describe('GET /devices/{id}', () => {
  describe('shape', () => {
    test('returns the identity with its members in order, and its quoted etag in a header', async () => {
      const id = await hub.makeDevice();
      const reply = await hub.send('GET', devicePath(id), { apiVersion: '2020-03-13' });
      expect(reply.status).toBe(200);
      expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(shapeOf(reply.body)).toEqual(deviceShape('read'));
      expect(reply.body).toMatchObject({ deviceId: id });
      expect(reply.headers.etag).toBe(`"${(reply.body as { etag: string }).etag}"`);
    });

    test('returns 404 DeviceNotFound for a missing device', async () => {
      expectRefusal(await hub.send('GET', devicePath(hub.newId())), 404, 'DeviceNotFound');
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the id %s', async (segment) => {
      expectRefusal(await hub.send('GET', `/devices/${segment}`), 400, 'ArgumentInvalid');
    });

    for (const segment of dotSegments) {
      emulatorOnly(needs.dots, `refuses the id ${segment}`, async () => {
        expectRefusal(await hub.send('GET', `/devices/${segment}`), 400, 'ArgumentInvalid');
      });
    }
  });

  describe('behaviour', () => {
    test.each(specialDeviceIds)('returns the device with the special id %s', async (special) => {
      const id = hub.newId(special);
      await hub.send('PUT', devicePath(id), { body: { deviceId: id } });
      const reply = await hub.send('GET', devicePath(id));
      expect([reply.status, reply.body]).toEqual([200, expect.objectContaining({ deviceId: id })]);
    });

    test('distinguishes ids that differ only in case', async () => {
      const id = await hub.makeDevice();
      expect((await hub.send('GET', devicePath(id.toUpperCase()))).status).toBe(404);
    });

    test('returns changes at once, and 404 after the deletion', async () => {
      const id = await hub.makeDevice();
      const headers = { 'if-match': '*' };
      await hub.send('PUT', devicePath(id), { body: { deviceId: id, statusReason: 'moved' }, headers });
      expect((await hub.send('GET', devicePath(id))).body).toMatchObject({ statusReason: 'moved' });
      await hub.send('DELETE', devicePath(id), { headers });
      expectRefusal(await hub.send('GET', devicePath(id)), 404, 'DeviceNotFound');
    });

    emulatorOnly(needs.clock, 'finds a new device only after some seconds, if so wished', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, readableAfterMs: 5000 }, async (client) => {
        await client.send('PUT', '/devices/a', { body: { deviceId: 'a' } });
        for (const path of ['/devices/a', '/twins/a'])
          expectRefusal(await client.send('GET', path), 404, 'DeviceNotFound');
        expect((await client.send('PUT', '/devices/a', { body: { deviceId: 'a' } })).status).toBe(409);
        await clock.advance(5000);
        for (const path of ['/devices/a', '/twins/a']) expect((await client.send('GET', path)).status).toBe(200);
      });
    });
  });
});
