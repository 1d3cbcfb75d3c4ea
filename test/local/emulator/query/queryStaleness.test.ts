import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../support/fakeClock.ts';
import { queryRows } from '../conformance/queryRows.ts';
import { withEmulator } from '../withEmulator.ts';

describe('The index behind POST /devices/query', () => {
  test('queries lag behind creations, changes and deletions; reads by id do not', async () => {
    const clock = new FakeClock();
    await withEmulator({ clock, queryDelayMs: 3000, ghostMs: 60_000 }, async (client, emulator) => {
      const found = async (condition: string) =>
        (await queryRows(client, `SELECT deviceId FROM devices WHERE ${condition}`)).map((row) => row.deviceId);
      emulator.hub.createDevice({ deviceId: 'a' });
      expect(await found("deviceId = 'a'")).toEqual([]);
      await clock.advance(3001);
      expect(await found("deviceId = 'a'")).toEqual(['a']);
      await client.send('PATCH', '/twins/a', { body: { tags: { site: 'cork' } } });
      expect(await found("tags.site = 'cork'")).toEqual([]);
      expect((await client.send('GET', '/twins/a')).body).toMatchObject({ tags: { site: 'cork' } });
      await clock.advance(3001);
      expect(await found("tags.site = 'cork'")).toEqual(['a']);
      emulator.hub.deleteDevice('a');
      expect((await client.send('GET', '/twins/a')).status).toBe(404);
      await clock.advance(59_000);
      expect(await found("deviceId = 'a'")).toEqual(['a']);
      expect(await queryRows(client, 'SELECT COUNT() AS n FROM devices')).toEqual([{ n: 1 }]);
      await clock.advance(1001);
      expect(await found('is_defined(deviceId)')).toEqual([]);
    });
  });

  test('queries also return deleted modules for a while, and never a module twice', async () => {
    const clock = new FakeClock();
    await withEmulator({ clock, ghostMs: 5000 }, async (client, emulator) => {
      const modules = () => queryRows(client, 'SELECT moduleId FROM devices.modules');
      emulator.hub.createDevice({ deviceId: 'a' });
      emulator.hub.createModule('a', { moduleId: 'm' });
      emulator.hub.deleteModule('a', 'm');
      expect(await modules()).toEqual([{ moduleId: 'm' }]);
      emulator.hub.createModule('a', { moduleId: 'm' });
      expect(await modules()).toEqual([{ moduleId: 'm' }]);
      emulator.hub.deleteDevice('a');
      expect(await modules()).toEqual([{ moduleId: 'm' }]);
      await clock.advance(5001);
      expect(await modules()).toEqual([]);
    });
  });
});
