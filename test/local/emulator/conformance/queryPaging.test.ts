import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../../../local/emulator/state/seedDevices.ts';
import { withEmulator } from '../withEmulator.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { queryPages, queryRows } from './queryRows.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';

const hub = hubUnderTest();

async function someDevices(count: number): Promise<{ ids: string[]; condition: string }> {
  const ids = Array.from({ length: count }, () => hub.newId());
  await hub.send('POST', '/devices', { body: ids.map((id) => ({ id, importMode: 'create' })) });
  const condition = `deviceId IN [${ids.map((id) => `'${id}'`).join()}]`;
  await hub.eventually(
    () => queryRows(hub, `SELECT deviceId FROM devices WHERE ${condition}`),
    (rows) => rows.length === count,
  );
  return { ids, condition };
}

describe('Paging of POST /devices/query', () => {
  describe('shape', () => {
    test('a page before the last has an opaque x-ms-continuation', async () => {
      const { condition } = await someDevices(3);
      const reply = await hub.query(`SELECT * FROM devices WHERE ${condition}`, { 'x-ms-max-item-count': '2' });
      expect([reply.status, (reply.body as unknown[]).length]).toEqual([200, 2]);
      expect(reply.headers['x-ms-continuation']).toMatch(/^\S+$/);
    });
  });

  describe('validation', () => {
    test('a continuation of another query, changed or invented, is refused', async () => {
      const { condition } = await someDevices(3);
      const text = `SELECT * FROM devices WHERE ${condition}`;
      const first = await hub.query(text, { 'x-ms-max-item-count': '1' });
      const token = String(first.headers['x-ms-continuation']);
      for (const [query, continuation] of [
        [`SELECT deviceId FROM devices WHERE ${condition}`, token],
        [text, `x${token}`],
        [text, token.slice(0, -2)],
        [text, 'abc'],
        [text, '.'],
      ] as const)
        expectRefusal(await hub.query(query, { 'x-ms-continuation': continuation }), 400, 'ArgumentInvalid');
    });

    emulatorOnly(
      needs.pages,
      'refuses a continuation with another page size, unless fixedPageSize is off',
      async () => {
        const text = 'SELECT deviceId FROM devices';
        for (const fixedPageSize of [true, false]) {
          await withEmulator({ fixedPageSize, defaultPageRows: 2, maxPageRows: 9 }, async (client, emulator) => {
            seedDevices(emulator.hub, { count: 30 });
            const sized = (rows: string) => (rows === '' ? {} : { 'x-ms-max-item-count': rows });
            for (const [rows, next, isSame] of [
              ['2', '2', true],
              ['2', '3', false],
              ['3', '', false],
              ['2', '', true],
              ['', '2', true],
              ['9', '100', true],
              ['100', '1000', true],
              ['100', '8', false],
            ] as const) {
              const token = String((await client.query(text, sized(rows))).headers['x-ms-continuation']);
              const reply = await client.query(text, { ...sized(next), 'x-ms-continuation': token });
              if (isSame || !fixedPageSize) expect([rows, next, reply.status]).toEqual([rows, next, 200]);
              else expectRefusal(reply, 400, 'ArgumentInvalid');
            }
          });
        }
      },
    );
  });

  describe('behaviour', () => {
    test('pages contain every row once, and at most the requested number of rows', async () => {
      const { ids, condition } = await someDevices(11);
      const pages = await queryPages(hub, `SELECT deviceId FROM devices WHERE ${condition}`, 4);
      expect(pages.every((page) => page.length <= 4)).toBe(true);
      const found = pages.flat().map((row) => row.deviceId);
      expect(found.sort()).toEqual([...ids].sort());
    });

    test('an empty continuation means none', async () => {
      const { condition } = await someDevices(2);
      const reply = await hub.query(`SELECT * FROM devices WHERE ${condition}`, { 'x-ms-continuation': '' });
      expect(reply.body).toHaveLength(2);
    });

    test('pages end after TOP rows', async () => {
      const { condition } = await someDevices(5);
      const pages = await queryPages(hub, `SELECT TOP 3 * FROM devices WHERE ${condition}`, 2);
      expect(pages.flat()).toHaveLength(3);
    });

    emulatorOnly(needs.wholeHub, 'walks a whole hub, devices and modules, in no order of ids', async () => {
      await withEmulator({}, async (client, emulator) => {
        seedDevices(emulator.hub, { count: 1500 });
        const pages = await queryPages(client, 'SELECT deviceId FROM devices', 170);
        const ids = pages.flat().map((row) => row.deviceId);
        expect(pages.length).toBe(9);
        expect([...ids].sort()).toEqual([...emulator.hub.devices()].map((device) => device.deviceId).sort());
        expect(ids).not.toEqual([...ids].sort());
        const modules = (await queryPages(client, 'SELECT deviceId, moduleId FROM devices.modules', 7)).flat();
        const names = modules.map((row) => `${row.deviceId}/${row.moduleId}`).sort();
        expect(names).toEqual([...emulator.hub.modules()].map((row) => `${row.deviceId}/${row.moduleId}`).sort());
      });
    });

    emulatorOnly(needs.pages, 'gives at most maxPageRows rows, and defaultPageRows to who does not ask', async () => {
      await withEmulator({ maxPageRows: 30, defaultPageRows: 10 }, async (client, emulator) => {
        seedDevices(emulator.hub, { count: 60 });
        const rows = async (headers: Record<string, string>) =>
          (await client.query('SELECT * FROM devices', headers)).body;
        expect(await rows({ 'x-ms-max-item-count': '10000' })).toHaveLength(30);
        expect(await rows({})).toHaveLength(10);
      });
    });

    emulatorOnly(needs.wholeHub, 'leaves the continuation out on a full page that is the last (unproven)', async () => {
      await withEmulator({}, async (client, emulator) => {
        seedDevices(emulator.hub, { count: 200 });
        expect(await queryPages(client, 'SELECT * FROM devices', 100)).toHaveLength(2);
      });
    });
  });
});
