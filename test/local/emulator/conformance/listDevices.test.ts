import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../../../local/emulator/state/seedDevices.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { deviceShape } from './shapes.ts';

const hub = hubUnderTest();
const idsOf = (body: unknown): string[] => (body as { deviceId: string }[]).map((device) => device.deviceId);

describe('GET /devices', () => {
  describe('shape', () => {
    test('returns an array', async () => {
      await hub.makeDevice();
      const reply = await hub.send('GET', '/devices?top=1');
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(reply.body).toHaveLength(1);
      expect(reply.headers['x-ms-continuation']).toBeUndefined();
    });

    emulatorOnly(needs.wholeHub, 'lists identities in the format of a GET by id', async () => {
      await withEmulator({}, async (client) => {
        await client.send('PUT', '/devices/d0000001', { body: { deviceId: 'd0000001' } });
        const byId = await client.send('GET', '/devices/d0000001');
        const listed = await client.send('GET', '/devices');
        expect(listed.body).toEqual([byId.body]);
        expect(shapeOf(listed.body)).toEqual([deviceShape('read')]);
      });
    });
  });

  describe('validation', () => {
    test.each(['1.5', 'all', ''])('refuses top=%s (unproven)', async (top) => {
      expectRefusal(await hub.send('GET', `/devices?top=${top}`), 400, 'ArgumentInvalid');
    });
  });

  describe('behaviour', () => {
    test('returns at most top devices', async () => {
      for (let made = 0; made < 3; made += 1) await hub.makeDevice();
      expect((await hub.send('GET', '/devices?top=2')).body).toHaveLength(2);
    });

    test.each([0, -1, 1001])('takes top=%s for 1,000', async (top) => {
      const whole = await hub.send('GET', '/devices?top=1000');
      const reply = await hub.send('GET', `/devices?top=${top}`);
      expect([reply.status, idsOf(reply.body).length]).toEqual([200, idsOf(whole.body).length]);
    });

    emulatorOnly(needs.wholeHub, 'gives every device once, with or without a slash at the end', async () => {
      await withEmulator({}, async (client, emulator) => {
        expect((await client.send('GET', '/devices')).body).toEqual([]);
        seedDevices(emulator.hub, { count: 40 });
        const all = [...emulator.hub.devices()].map((device) => device.deviceId).sort();
        for (const path of ['/devices', '/devices/'])
          expect(idsOf((await client.send('GET', path)).body).sort()).toEqual(all);
      });
    });

    emulatorOnly(needs.wholeHub, 'stops at 1,000 devices and does not page', async () => {
      await withEmulator({}, async (client, emulator) => {
        seedDevices(emulator.hub, { count: 1200 });
        const ids = idsOf((await client.send('GET', '/devices')).body);
        expect([ids.length, new Set(ids).size]).toEqual([1000, 1000]);
        for (const top of [0, -1, 1000, 1001, 99_999])
          expect((await client.send('GET', `/devices?top=${top}`)).body).toHaveLength(1000);
      });
    });

    emulatorOnly(needs.clock, 'leaves out what is deleted and what cannot be read yet', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, ghostMs: 60_000, readableAfterMs: 5000 }, async (client, emulator) => {
        for (const deviceId of ['gone', 'stays']) emulator.hub.createDevice({ deviceId });
        await clock.advance(5000);
        emulator.hub.deleteDevice('gone');
        emulator.hub.createDevice({ deviceId: 'new' });
        expect(idsOf((await client.send('GET', '/devices')).body)).toEqual(['stays']);
      });
    });
  });
});
