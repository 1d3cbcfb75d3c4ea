import { describe, expect, test } from '@jest/globals';
import { withEmulator } from '../withEmulator.ts';

const path = '/%24emulator/devices/pump-1/modules/agent';
const never = '0001-01-01T00:00:00Z';
const query = (text: string) => ({ body: { query: text } });

describe('what the program on a device does', () => {
  test('a module connects and reports: identity, twin and query rows show it, and no etag moves', () =>
    withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'pump-1' });
      hub.createModule('pump-1', { moduleId: 'agent' });
      const identity = hub.identity('pump-1', 'agent');
      const twin = hub.twin('pump-1', 'agent');
      expect([identity.connectionState, identity.lastActivityTime]).toEqual(['Disconnected', never]);
      const reported = { latest_state: 'failed', latest_invalid_fields: ['Process_Mode'] };
      const done = await client.send('PATCH', path, { body: { connectionState: 'Connected', reported } });
      expect(done.status).toBe(200);
      const { body: read } = await client.send('GET', '/devices/pump-1/modules/agent');
      expect(read).toMatchObject({ connectionState: 'Connected', etag: identity.etag });
      expect([(read as Identity).lastActivityTime, (read as Identity).connectionStateUpdatedTime]).not.toContain(never);
      const { body: twinNow } = await client.send('GET', '/twins/pump-1/modules/agent');
      expect(twinNow).toMatchObject({
        connectionState: 'Connected',
        etag: twin.etag,
        version: Number(twin.version) + 1,
      });
      expect(twinNow).toMatchObject({
        properties: { reported: { ...reported, $version: 2 }, desired: { $version: 1 } },
      });
      const text =
        "SELECT deviceId, properties.reported.latest_state AS s, lastActivityTime FROM devices.modules WHERE connectionState = 'Connected'";
      const rows = await client.send('POST', '/devices/query', query(text));
      expect(rows.body).toEqual([
        { deviceId: 'pump-1', s: 'failed', lastActivityTime: (read as Identity).lastActivityTime },
      ]);
    }));

  test('a report is merged, null deletes, and a time of activity can be given', () =>
    withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'pump-1' });
      hub.createModule('pump-1', { moduleId: 'agent' });
      await client.send('PATCH', path, { body: { reported: { a: 1, b: { c: 2 } } } });
      const lastActivityTime = '2026-01-02T03:04:05Z';
      await client.send('PATCH', path, { body: { reported: { a: null, b: { d: 3 } }, lastActivityTime } });
      expect(hub.twin('pump-1', 'agent')).toMatchObject({
        lastActivityTime,
        properties: { reported: { b: { c: 2, d: 3 } } },
      });
      expect(hub.twin('pump-1', 'agent')).not.toHaveProperty('properties.reported.a');
    }));

  test('a module that is created anew has never reported', () =>
    withEmulator({}, async (_client, { hub }) => {
      hub.createDevice({ deviceId: 'pump-1' });
      hub.createModule('pump-1', { moduleId: 'agent' });
      hub.changeDeviceSide('pump-1', 'agent', { connectionState: 'Connected', reported: { latest_state: 'success' } });
      hub.deleteModule('pump-1', 'agent');
      hub.createModule('pump-1', { moduleId: 'agent' });
      expect(hub.identity('pump-1', 'agent')).toMatchObject({
        connectionState: 'Disconnected',
        lastActivityTime: never,
      });
      expect(hub.twin('pump-1', 'agent')).not.toHaveProperty('properties.reported.latest_state');
    }));

  test('queries show the change after the delay of the index', () =>
    withEmulator({ queryDelayMs: 3_600_000 }, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'pump-1', createdAtMs: 0 });
      hub.createModule('pump-1', { moduleId: 'agent', createdAtMs: 0 });
      hub.changeDeviceSide('pump-1', 'agent', { reported: { latest_state: 'success' } });
      const text = 'SELECT properties.reported.latest_state AS s FROM devices.modules';
      expect((await client.send('POST', '/devices/query', query(text))).body).toEqual([{}]);
    }));

  test.each([
    ['an unknown connection state', { connectionState: 'maybe' }, 400],
    ['a time of activity that is no time', { lastActivityTime: 'yesterday' }, 400],
    ['a dot in the name of a property', { reported: { 'a.b': 1 } }, 400],
    ['more than 32 KB of properties', { reported: { big: Array.from({ length: 9 }, () => 'x'.repeat(4000)) } }, 400],
    ['tags', { tags: {} }, 400],
  ])('a report with %s is refused, and changes nothing', (_what, body, status) =>
    withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'pump-1' });
      hub.createModule('pump-1', { moduleId: 'agent' });
      const state = () => JSON.stringify([hub.identity('pump-1', 'agent'), hub.twin('pump-1', 'agent')]);
      const before = state();
      expect((await client.send('PATCH', path, { body })).status).toBe(status);
      expect(state()).toBe(before);
    }),
  );

  test('a module that does not exist is a 404, and so is another path or method', () =>
    withEmulator({}, async (client, { hub }) => {
      expect((await client.send('PATCH', path, { body: {} })).status).toBe(404);
      hub.createDevice({ deviceId: 'pump-1' });
      expect((await client.send('PATCH', '/%24emulator/devices/pump-1', { body: {} })).status).toBe(200);
      expect((await client.send('PATCH', `${path}/more`, { body: {} })).status).toBe(404);
      expect((await client.send('GET', '/%24emulator/devices/pump-1')).status).toBe(404);
    }));
});

interface Identity {
  lastActivityTime: string;
  connectionStateUpdatedTime: string;
}
