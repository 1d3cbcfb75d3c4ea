import { describe, expect, test } from '@jest/globals';
import { withEmulator } from '../withEmulator.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';

const hub = hubUnderTest();

describe('GET /statistics/devices', () => {
  describe('shape', () => {
    test('returns three counts in the recorded order', async () => {
      const reply = await hub.send('GET', '/statistics/devices', { apiVersion: '2020-03-13' });
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      const counts = reply.body as { [name: string]: unknown };
      expect(Object.keys(counts)).toEqual(['totalDeviceCount', 'enabledDeviceCount', 'disabledDeviceCount']);
      for (const count of Object.values(counts)) expect(Number.isInteger(count)).toBe(true);
    });
  });

  describe('validation', () => {
    test('requires an api-version', async () => {
      expectRefusal(await hub.send('GET', '/statistics/devices', { apiVersion: '' }), 400, 'ArgumentInvalid');
    });
  });

  describe('behaviour', () => {
    emulatorOnly(needs.wholeHub, 'counts devices by status, and no modules', async () => {
      await withEmulator({}, async (client) => {
        const counts = async () => (await client.send('GET', '/statistics/devices')).body;
        for (const [deviceId, status] of [
          ['a', 'enabled'],
          ['b', 'disabled'],
          ['c', 'disabled'],
        ] as const)
          await client.send('PUT', `/devices/${deviceId}`, { body: { deviceId, status } });
        await client.send('PUT', '/devices/a/modules/m', { body: { deviceId: 'a', moduleId: 'm' } });
        expect(await counts()).toEqual({ totalDeviceCount: 3, enabledDeviceCount: 1, disabledDeviceCount: 2 });
        const headers = { 'if-match': '*' };
        await client.send('DELETE', '/devices/b', { headers });
        await client.send('PUT', '/devices/c', { body: { deviceId: 'c' }, headers });
        expect(await counts()).toEqual({ totalDeviceCount: 2, enabledDeviceCount: 2, disabledDeviceCount: 0 });
      });
    });
  });
});
