import { describe, expect, test } from '@jest/globals';
import type { Emulator } from '../../../local/emulator/emulator.ts';
import { seedDevices, specialDeviceIds } from '../../../local/emulator/seedDevices.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import type { HubClient } from './hubClient.ts';
import { withEmulator } from './withEmulator.ts';

type Rows = { [name: string]: unknown }[];

const idsOf = (rows: unknown): unknown[] => (rows as Rows).map((row) => row.deviceId);

async function allPages(client: HubClient, text: string, pageRows: number): Promise<{ rows: Rows; pages: number }> {
  const rows: Rows = [];
  let token: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const reply = await client.query(text, {
      'x-ms-max-item-count': String(pageRows),
      ...(token ? { 'x-ms-continuation': token } : {}),
    });
    expect(reply.status).toBe(200);
    rows.push(...(reply.body as Rows));
    token = reply.headers['x-ms-continuation'] as string | undefined;
    if (!token) return { rows, pages };
  }
}

const seeded = (emulator: Emulator, count: number) => seedDevices(emulator.hub, { count });

describe('A query', () => {
  test('pages through every device and module exactly once, in no order of ids', async () => {
    await withEmulator({}, async (client, emulator) => {
      seeded(emulator, 1500);
      const devices = await allPages(client, 'SELECT deviceId FROM devices', 170);
      const ids = idsOf(devices.rows);
      expect(devices.pages).toBe(9);
      expect([...ids].sort()).toEqual([...emulator.hub.devices()].map((device) => device.deviceId).sort());
      expect(ids).not.toEqual([...ids].sort());
      const modules = await allPages(client, 'SELECT deviceId, moduleId FROM devices.modules', 7);
      const names = modules.rows.map((row) => `${row.deviceId}/${row.moduleId}`);
      expect(names.sort()).toEqual([...emulator.hub.modules()].map((row) => `${row.deviceId}/${row.moduleId}`).sort());
    });
  });

  test('leaves the continuation out when a page is the last, even if it is full', async () => {
    await withEmulator({}, async (client, emulator) => {
      seeded(emulator, 200);
      expect((await allPages(client, 'SELECT * FROM devices', 100)).pages).toBe(2);
      const reply = await client.query('SELECT * FROM devices');
      expect(reply.body).toHaveLength(100);
      expect(reply.headers['x-ms-item-type']).toBe('Twin');
    });
  });

  test('gives at most maxPageRows rows, whatever was asked for', async () => {
    await withEmulator({ maxPageRows: 30, defaultPageRows: 10 }, async (client, emulator) => {
      seeded(emulator, 50);
      expect((await client.query('SELECT * FROM devices', { 'x-ms-max-item-count': '10000' })).body).toHaveLength(30);
      expect((await client.query('SELECT * FROM devices')).body).toHaveLength(10);
      expect((await client.query('SELECT * FROM devices', { 'x-ms-max-item-count': '-1' })).status).toBe(400);
      expect((await client.query('SELECT * FROM devices', { 'x-ms-max-item-count': 'x' })).status).toBe(400);
    });
  });

  test('refuses a continuation that belongs to another query or was altered', async () => {
    await withEmulator({}, async (client, emulator) => {
      seeded(emulator, 20);
      const first = await client.query('SELECT * FROM devices', { 'x-ms-max-item-count': '5' });
      const token = String(first.headers['x-ms-continuation']);
      const other = await client.query('SELECT deviceId FROM devices', { 'x-ms-continuation': token });
      const altered = await client.query('SELECT * FROM devices', { 'x-ms-continuation': `x${token}` });
      const made = await client.query('SELECT * FROM devices', { 'x-ms-continuation': 'abc' });
      for (const reply of [other, altered, made]) {
        expect(reply.status).toBe(400);
        expect(reply.headers['iothub-errorcode']).toBe('ArgumentInvalid');
      }
    });
  });

  test('finds devices by ids with every legal mark, and modules by device', async () => {
    await withEmulator({}, async (client, emulator) => {
      for (const deviceId of specialDeviceIds) {
        emulator.hub.createDevice({ deviceId });
        emulator.hub.createModule(deviceId, { moduleId: 'DefenderIotMicroAgent' });
      }
      const list = specialDeviceIds.map((id) => `"${id}"`).join(', ');
      const devices = await client.query(`SELECT deviceId FROM devices WHERE deviceId IN [${list}]`);
      expect(idsOf(devices.body)).toEqual(specialDeviceIds);
      const where = `moduleId = 'DefenderIotMicroAgent' AND deviceId IN [${list}]`;
      const modules = await client.query(`SELECT deviceId, moduleId FROM devices.modules WHERE ${where}`);
      expect(idsOf(modules.body)).toEqual(specialDeviceIds);
      expect(modules.headers['x-ms-item-type']).toBe('Raw');
    });
  });

  test('counts, groups, renames, and spells fields as Microsoft does', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a', tags: { site: 'cork', size: 2 } });
      emulator.hub.createDevice({ deviceId: 'b', tags: { site: 'cork', size: 4 }, status: 'disabled' });
      emulator.hub.createDevice({ deviceId: 'c' });
      expect((await client.query('SELECT COUNT() AS n FROM devices')).body).toEqual([{ n: 3 }]);
      expect((await client.query("SELECT COUNT() AS n FROM devices WHERE deviceId = 'x'")).body).toEqual([{ n: 0 }]);
      const grouped = await client.query(
        'SELECT tags.site AS site, COUNT() AS n, AVG(tags.size) AS size FROM devices GROUP BY tags.site',
      );
      expect(grouped.body).toEqual(expect.arrayContaining([{ site: 'cork', n: 2, size: 3 }, { n: 1 }]));
      const projected = await client.query(
        "SELECT DeviceId, status AS state, tags.size FROM devices WHERE STATUS = 'disabled'",
      );
      expect(projected.body).toEqual([{ deviceId: 'b', state: 'disabled', size: 4 }]);
      expect((await allPages(client, 'SELECT TOP 2 * FROM devices', 1)).rows).toHaveLength(2);
    });
  });

  test('is a 400 with its reason when the language has no such thing, and a 412 above 8192 characters', async () => {
    await withEmulator({}, async (client) => {
      const bad = await client.query('SELECT * FROM devices ORDER BY deviceId');
      expect(bad.status).toBe(400);
      expect(bad.body).toMatchObject({ Message: expect.stringContaining('The query is invalid.') });
      expect(bad.headers['x-emulator-hint']).toContain('ORDER');
      const text = 'SELECT * FROM devices'.padEnd(8192);
      expect((await client.query(text)).status).toBe(200);
      const long = await client.query(`${text} `);
      expect([long.status, long.headers['iothub-errorcode']]).toEqual([412, 'PreconditionFailed']);
    });
  });
});

describe('The query index', () => {
  test('lags behind creations, changes and deletions, while reads by id do not', async () => {
    const clock = new FakeClock();
    await withEmulator({ clock, queryDelayMs: 3000, ghostMs: 60_000 }, async (client, emulator) => {
      const found = async (condition: string) =>
        idsOf((await client.query(`SELECT deviceId FROM devices WHERE ${condition}`)).body);
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
      expect((await client.query('SELECT COUNT() AS n FROM devices')).body).toEqual([{ n: 1 }]);
      await clock.advance(1001);
      expect(await found('is_defined(deviceId)')).toEqual([]);
    });
  });

  test('lets deleted modules linger too, and never shows a module twice', async () => {
    const clock = new FakeClock();
    await withEmulator({ clock, ghostMs: 5000 }, async (client, emulator) => {
      const modules = async () => (await client.query('SELECT moduleId FROM devices.modules')).body;
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
