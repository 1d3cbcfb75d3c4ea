import { describe, expect, test } from '@jest/globals';
import { specialDeviceIds } from '../../../../local/emulator/state/seedDevices.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { queryRows, rowsOf } from './queryRows.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { deviceTwinShape, moduleTwinShape } from './shapes.ts';

const hub = hubUnderTest();
const count = (rows: number) => (found: readonly unknown[]) => found.length === rows;

describe('POST /devices/query', () => {
  describe('shape', () => {
    test('SELECT * returns an array of twins with item type Twin, without continuation on the only page', async () => {
      const id = await hub.makeDevice();
      const text = `SELECT * FROM devices WHERE deviceId = '${id}'`;
      await hub.eventually(() => queryRows(hub, text), count(1));
      const reply = await hub.query(text);
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect([reply.headers['x-ms-item-type'], reply.headers['x-ms-continuation']]).toEqual(['Twin', undefined]);
      expect(shapeOf(reply.body)).toEqual([deviceTwinShape]);
    });

    test('SELECT * FROM devices.modules returns capabilities too, unlike a read by id', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const text = `SELECT * FROM devices.modules WHERE deviceId = '${id}'`;
      const rows = await hub.eventually(() => queryRows(hub, text), count(1));
      expect(shapeOf(rows)).toEqual([moduleTwinShape(agent, { born: 'singly', seen: 'inQuery' })]);
    });

    test('a projection returns item type Raw with only the selected fields', async () => {
      const id = await hub.makeDevice();
      const text = `SELECT status AS state, deviceId, tags.none FROM devices WHERE deviceId = '${id}'`;
      await hub.eventually(() => queryRows(hub, text), count(1));
      const reply = await hub.query(text);
      expect(reply.headers['x-ms-item-type']).toBe('Raw');
      expect(JSON.stringify(reply.body)).toBe(JSON.stringify([{ state: 'enabled', deviceId: id }]));
    });

    test('a query without results returns an empty array', async () => {
      const reply = await hub.query(`SELECT * FROM devices WHERE deviceId = '${hub.newId()}'`);
      expect([reply.status, reply.body]).toEqual([200, []]);
    });
  });

  describe('validation', () => {
    test.each([
      'SELECT * FROM devices ORDER BY deviceId',
      'SELECT * FROM devices JOIN devices.modules',
      'SELECT * FROM nowhere',
      "SELECT * FROM devices WHERE STARTS_WITH(deviceId, 'a')",
      "SELECT * FROM devices WHERE CONTAINS(deviceId, 'a')",
      "SELECT * FROM devices WHERE deviceId = 'open",
      'SELECT',
      '',
    ])('refuses %j with 400 and the recorded text', async (text) => {
      const reply = await hub.query(text);
      expectRefusal(reply, 400, 'ArgumentInvalid');
      expect(reply.body).toMatchObject({ Message: expect.stringContaining('The query is invalid.') });
    });

    test.each([
      [{}],
      [{ query: 1 }],
      [[]],
      ['SELECT * FROM devices'],
      [Buffer.from('{"query":')],
      [Buffer.from([0x22, 0xff, 0x22])],
    ])('refuses the body %j', async (body) => {
      expectRefusal(await hub.send('POST', '/devices/query', { body }), 400, 'ArgumentInvalid');
    });

    test.each(['0', '-1', '1.5', 'x'])('refuses x-ms-max-item-count: %s', async (rows) => {
      const reply = await hub.query('SELECT * FROM devices', { 'x-ms-max-item-count': rows });
      expectRefusal(reply, 400, 'ArgumentInvalid');
    });

    test('accepts 8,192 characters and refuses 8,193 with 412', async () => {
      const text = `SELECT * FROM devices WHERE deviceId = '${hub.newId()}'`.padEnd(8192);
      expect((await hub.query(text)).status).toBe(200);
      expectRefusal(await hub.query(`${text} `), 412, 'PreconditionFailed');
    });
  });

  describe('behaviour', () => {
    test('finds devices and modules by special ids', async () => {
      const ids = specialDeviceIds.map((special) => hub.newId(special));
      await hub.send('POST', '/devices', { body: ids.map((id) => ({ id, importMode: 'create' })) });
      const modules = ids.map((id) => ({ id, moduleId: agent, importMode: 'create' }));
      await hub.send('POST', '/devices', { body: modules });
      const list = ids.map((id) => `"${id}"`).join(', ');
      for (const text of [
        `SELECT deviceId FROM devices WHERE deviceId IN [${list}]`,
        `SELECT deviceId, moduleId FROM devices.modules WHERE moduleId = '${agent}' AND deviceId IN [${list}]`,
      ]) {
        const rows = await hub.eventually(() => queryRows(hub, text), count(ids.length));
        expect(rows.map((row) => row.deviceId).sort()).toEqual([...ids].sort());
      }
    });

    test('selects by tags, identity fields and the Edge capability', async () => {
      const ids = [
        await hub.makeDevice({ status: 'disabled' }),
        await hub.makeDevice({ capabilities: { iotEdge: true } }),
      ];
      const [off = '', edge = ''] = ids;
      await hub.send('PATCH', `/twins/${off}`, { body: { tags: { site: 'cork', size: 2 } } });
      const mine = `STARTSWITH(deviceId, '${hub.prefix}') AND deviceId IN ['${off}', '${edge}']`;
      for (const [condition, found] of [
        ["status = 'disabled'", off],
        ['capabilities.iotEdge = true', edge],
        ['capabilities.iotEdge = false', off],
        ["tags.site = 'cork' AND tags.size >= 2", off],
        ['is_defined(tags.site)', off],
        ['NOT IS_DEFINED(tags.site)', edge],
        ["NOT (status = 'disabled')", edge],
        ["status NIN ['disabled']", edge],
        ["status != 'enabled' OR tags.size > 100", off],
      ] as const) {
        const text = `SELECT deviceId FROM devices WHERE ${mine} AND (${condition})`;
        const rows = await hub.eventually(
          () => queryRows(hub, text),
          (list) => list[0]?.deviceId === found && list.length === 1,
        );
        expect([condition, rows]).toEqual([condition, [{ deviceId: found }]]);
      }
    });

    test('counts and groups rows', async () => {
      const ids = [await hub.makeDevice(), await hub.makeDevice(), await hub.makeDevice({ status: 'disabled' })];
      const mine = `WHERE deviceId IN [${ids.map((id) => `'${id}'`).join()}]`;
      const counted = await hub.eventually(
        () => queryRows(hub, `SELECT COUNT() AS n FROM devices ${mine}`),
        (rows) => rows[0]?.n === 3,
      );
      expect(counted).toEqual([{ n: 3 }]);
      const grouped = await queryRows(hub, `SELECT status, COUNT() AS n FROM devices ${mine} GROUP BY status`);
      expect(grouped).toHaveLength(2);
      expect(grouped).toEqual(
        expect.arrayContaining([
          { status: 'enabled', n: 2 },
          { status: 'disabled', n: 1 },
        ]),
      );
    });

    test('sums, averages and compares numbers, and groups by a tag that some twins do not have', async () => {
      const ids = [await hub.makeDevice(), await hub.makeDevice(), await hub.makeDevice()];
      for (const [at, size] of [2, 4].entries())
        await hub.send('PATCH', `/twins/${ids[at]}`, { body: { tags: { site: 'cork', size } } });
      const mine = `WHERE deviceId IN [${ids.map((id) => `'${id}'`).join()}]`;
      const columns = 'COUNT() AS n, AVG(tags.size) AS mean, SUM(tags.size) AS sum, MAX(tags.size) AS most';
      const text = `SELECT tags.site AS site, ${columns} FROM devices ${mine} GROUP BY tags.site`;
      const rows = await hub.eventually(
        () => queryRows(hub, text),
        (list) => list.some((row) => row.sum === 6),
      );
      expect(rows).toHaveLength(2);
      expect(rows).toEqual(expect.arrayContaining([{ site: 'cork', n: 2, mean: 3, sum: 6, most: 4 }, { n: 1 }]));
    });

    test('returns field names in the spelling of the twin, with any spelling in the query', async () => {
      const id = await hub.makeDevice();
      const text = `select DeviceId, STATUS from DEVICES where DEVICEID = '${id}'`;
      expect(await hub.eventually(() => queryRows(hub, text), count(1))).toEqual([{ deviceId: id, status: 'enabled' }]);
    });

    emulatorOnly(needs.tier, 'leaves properties out of the rows of a Basic tier', async () => {
      await withEmulator({ tier: 'B1' }, async (client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'a' });
        const [row] = rowsOf(await client.query('SELECT * FROM devices'));
        expect([row?.deviceId, Object.keys(row ?? {}).includes('properties')]).toEqual(['a', false]);
      });
    });
  });
});
