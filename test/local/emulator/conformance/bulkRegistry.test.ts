import { describe, expect, test } from '@jest/globals';
import { withEmulator } from '../withEmulator.ts';
import { bulk, expectDone, expectErrors, present, unusedIdentity } from './bulkEntries.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { devicePath, illegalSegments, modulePath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';

const hub = hubUnderTest();
const create = (id: string, more: object = {}) => ({ id, importMode: 'create', ...more });
const illegalIds = illegalSegments.filter((segment) => segment !== '%ff').map(decodeURIComponent);

describe('POST /devices', () => {
  describe('shape', () => {
    test('a fully successful bulk call returns {isSuccessful, errors, warnings}, in that order', async () => {
      const reply = await bulk(hub, [create(hub.newId())]);
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(JSON.stringify(reply.body)).toBe('{"isSuccessful":true,"errors":[],"warnings":[]}');
    });

    test('a partly failed bulk call returns 400 with the same members and one error for each failure', async () => {
      const [there, free] = [await present(hub, 'device'), await unusedIdentity(hub, 'device')];
      const reply = await bulk(hub, [create(there.id), create(free.id)]);
      expectErrors(reply, 'create', [[there, 'DeviceAlreadyExists']]);
      const [error] = (reply.body as { errors: object[] }).errors;
      expect(Object.keys(error ?? {})).toEqual(['deviceId', 'moduleId', 'errorCode', 'errorStatus', 'operation']);
    });
  });

  describe('validation', () => {
    test.each([
      ['an empty array', []],
      ['an object', { devices: [] }],
      ['null', null],
      ['text', 'create'],
      ['an entry that is no object', [null]],
      ['an entry without an id', [{ importMode: 'create' }]],
      ['deviceId in place of id', [{ deviceId: 'a', importMode: 'create' }]],
      ['a module id that is no text', [{ id: 'a', moduleId: 1, importMode: 'create' }]],
      ['an import mode that nobody knows', [{ id: 'a', importMode: 'upsert' }]],
      ...illegalIds.map((id) => [`the id ${JSON.stringify(id)}`, [create(id)]] as const),
      ['the id ..', [create('..')]],
    ])('a bulk call with %s is refused as a whole', async (_what, body) => {
      expectRefusal(await hub.send('POST', '/devices', { body }), 400, 'ArgumentInvalid');
    });

    test('a bulk call that names an identity twice is refused as a whole, also with two different modes', async () => {
      const [id, other] = [hub.newId(), hub.newId()];
      for (const importMode of ['create', 'delete']) {
        const reply = await bulk(hub, [create(other), create(id), { id, importMode }]);
        expectRefusal(reply, 400, 'DeviceDefinedMultipleTimes');
      }
      expect((await hub.send('GET', devicePath(other))).status).toBe(404);
    });

    test('a bulk call may contain 100 identities; 101 are refused as a whole', async () => {
      const ids = Array.from({ length: 101 }, () => hub.newId());
      expectRefusal(
        await bulk(
          hub,
          ids.map((id) => create(id)),
        ),
        413,
        'TooManyDevices',
      );
      expect((await hub.send('GET', devicePath(ids[0] ?? ''))).status).toBe(404);
      expectDone(
        await bulk(
          hub,
          ids.slice(1).map((id) => create(id)),
        ),
      );
    });

    emulatorOnly(needs.body, 'refuses a body that is too large, and goes on serving', async () => {
      await withEmulator({ maxBodyBytes: 1000 }, async (client) => {
        const body = [create('a', { tags: { a: 'x'.repeat(2000) } })];
        expectRefusal(await client.send('POST', '/devices', { body }), 413, 'MessageTooLarge');
        expect((await client.send('POST', '/devices', { body: [create('a')] })).status).toBe(200);
      });
    });
  });

  describe('behaviour', () => {
    test('one bulk call may use different modes for different identities (partial failure is unproven)', async () => {
      const [gone, kept, made] = [
        await present(hub, 'device'),
        await present(hub, 'device'),
        await unusedIdentity(hub, 'device'),
      ];
      const missing = await unusedIdentity(hub, 'device');
      const reply = await bulk(hub, [
        { id: gone.id, importMode: 'delete' },
        { id: kept.id, importMode: 'update', status: 'disabled' },
        { id: missing.id, importMode: 'update' },
        create(made.id),
      ]);
      expectErrors(reply, 'update', [[missing, 'DeviceNotFound']]);
      expect((await hub.send('GET', gone.path)).status).toBe(404);
      expect((await hub.send('GET', kept.path)).body).toMatchObject({ status: 'disabled' });
      expect((await hub.send('GET', made.path)).status).toBe(200);
    });

    test('one bulk call may contain a device and its module', async () => {
      const { id } = await unusedIdentity(hub, 'device');
      const reply = await bulk(hub, [create(id), { id, moduleId: agent, importMode: 'create' }]);
      expectDone(reply); // entries are worked on in order (unproven)
      expect((await hub.send('GET', modulePath(id, agent))).status).toBe(200);
    });

    test('an entry without an import mode is one of createOrUpdate, as the C# SDK sends it (unproven)', async () => {
      const { id, path } = await unusedIdentity(hub, 'device');
      expectDone(await bulk(hub, [{ id, status: 'disabled' }]));
      expectDone(await bulk(hub, [{ id, importMode: null, statusReason: 'twice' }]));
      expect((await hub.send('GET', path)).body).toMatchObject({ status: 'enabled', statusReason: 'twice' });
    });

    test('import modes are accepted in any case, as SDKs write them', async () => {
      const { id } = await unusedIdentity(hub, 'device');
      expectDone(await bulk(hub, [{ id, importMode: 'Create' }]));
      expectDone(await bulk(hub, [{ id, importMode: 'DELETE' }]));
    });
  });
});
