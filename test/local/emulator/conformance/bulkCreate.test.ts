import { describe, expect, test } from '@jest/globals';
import { withEmulator } from '../withEmulator.ts';
import { type BulkSubject, bulk, expectDone, expectErrors, kinds, present, unusedIdentity } from './bulkEntries.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { badAuthentications, goodKeys, identityOf } from './identities.ts';
import { devicePath, modulesPath } from './paths.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { twinOf, valuesOf } from './twinOwner.ts';

const hub = hubUnderTest();
const create = ({ names }: BulkSubject, more: object = {}) => ({ ...names, importMode: 'create', ...more });

describe.each(kinds)('POST /devices, create a %s', (kind) => {
  describe('shape', () => {
    test('returns {isSuccessful, errors, warnings}; an error names identity, reason and mode', async () => {
      const [free, there] = [await unusedIdentity(hub, kind), await present(hub, kind)];
      const done = await bulk(hub, [create(free)]);
      expect(JSON.stringify(done.body)).toBe('{"isSuccessful":true,"errors":[],"warnings":[]}');
      const [error] = ((await bulk(hub, [create(there)])).body as { errors: object[] }).errors;
      expect(Object.keys(error ?? {})).toEqual(['deviceId', 'moduleId', 'errorCode', 'errorStatus', 'operation']);
      expect(error).toMatchObject({ deviceId: there.id, moduleId: there.names.moduleId ?? null, operation: 'create' });
    });
  });

  describe('validation', () => {
    test('refuses an existing identity, which keeps its keys', async () => {
      const there = await present(hub, kind);
      const before = (await hub.send('GET', there.path)).body;
      const code = kind === 'device' ? 'DeviceAlreadyExists' : 'ModuleAlreadyExistsOnDevice';
      expectErrors(await bulk(hub, [create(there)]), 'create', [[there, code]]);
      expect((await hub.send('GET', there.path)).body).toEqual(before);
    });

    test.each<[string, object]>([
      ...badAuthentications.map((authentication): [string, object] => [
        `the authentication ${JSON.stringify(authentication)}`,
        { authentication },
      ]),
      ['an array as tags', { tags: [] }],
      ['a dot in the name of a tag', { tags: { 'a.b': 1 } }],
      ['a desired property of 4,097 characters', { properties: { desired: { a: 'x'.repeat(4097) } } }],
    ])('refuses %s and creates nothing', async (_what, more) => {
      const free = await unusedIdentity(hub, kind);
      expectErrors(await bulk(hub, [create(free, more)]), 'create', [[free, 'ArgumentInvalid']]);
      const status = (await hub.send('GET', free.path)).status;
      expect(status).toBe(404);
    });
  });

  describe('behaviour', () => {
    test('creates the identity with tags and desired properties in their first version', async () => {
      const free = await unusedIdentity(hub, kind);
      const seed = { tags: { site: 'cork' }, properties: { desired: { level: 1 } } };
      expectDone(await bulk(hub, [create(free, seed)]));
      const twin = twinOf(await hub.send('GET', free.twinPath));
      expect([twin.version, twin.etag, twin.tags]).toEqual([2, 'AAAAAAAAAAE=', { site: 'cork' }]);
      expect(valuesOf(twin.properties.desired)).toEqual({ level: 1 });
      expect(twin.properties.desired.$version).toBe(1);
      expect(twin.properties.desired.$metadata).toMatchObject({ level: { $lastUpdatedVersion: 1 } });
    });

    test('generates missing or empty keys, and stores given ones', async () => {
      const [without, empty, given] = [
        await unusedIdentity(hub, kind),
        await unusedIdentity(hub, kind),
        await unusedIdentity(hub, kind),
      ];
      const sas = (symmetricKey: object) => ({ authentication: { type: 'sas', symmetricKey } });
      expectDone(
        await bulk(hub, [
          create(without),
          create(empty, sas({ primaryKey: '', secondaryKey: '' })),
          create(given, sas(goodKeys)),
        ]),
      );
      const [first, second, third] = [
        identityOf(await hub.send('GET', without.path)),
        identityOf(await hub.send('GET', empty.path)),
        identityOf(await hub.send('GET', given.path)),
      ];
      for (const { primaryKey, secondaryKey } of [first, second]) {
        expect([primaryKey, secondaryKey]).toEqual([
          expect.stringMatching(/^.{43}=$/),
          expect.stringMatching(/^.{43}=$/),
        ]);
      }
      expect(new Set([first.primaryKey, first.secondaryKey, second.primaryKey, second.secondaryKey]).size).toBe(4);
      expect(third).toMatchObject(goodKeys);
    });

    emulatorOnly(needs.caps, `stops with a ${kind} at the cap of identities and says so for each`, async () => {
      await withEmulator({ maxIdentities: 2 }, async (client, emulator) => {
        if (kind === 'module') emulator.hub.createDevice({ deviceId: 'd' });
        const names = ['a', 'b', 'c'].slice(kind === 'module' ? 1 : 0);
        const body = names.map((name) => ({
          ...(kind === 'device' ? { id: name } : { id: 'd', moduleId: name }),
          importMode: 'create',
        }));
        const reply = await client.send('POST', '/devices', { body });
        expect([reply.status, reply.body]).toMatchObject([400, { errors: [{ errorCode: 'IotHubQuotaExceeded' }] }]);
        const { devices, modules } = emulator.hub.counts;
        expect(devices + modules).toBe(2);
      });
    });
  });
});

describe('POST /devices, create modules', () => {
  test('refuses modules of missing and disabled devices one by one (text unproven)', async () => {
    const [missing, off, good] = [
      await unusedIdentity(hub, 'device'),
      await present(hub, 'device'),
      await unusedIdentity(hub, 'module'),
    ];
    await hub.send('PUT', devicePath(off.id), {
      body: { deviceId: off.id, status: 'disabled' },
      headers: { 'if-match': '*' },
    });
    const module = ({ id }: BulkSubject) => ({ ...good, id, names: { id, moduleId: agent } });
    const reply = await bulk(hub, [create(module(missing)), create(module(off)), create(good)]);
    expectErrors(reply, 'create', [
      [module(missing), 'DeviceNotFound'],
      [module(off), 'IotHubUnauthorizedAccess'],
    ]);
    expect((await hub.send('GET', good.path)).status).toBe(200);
  });

  test('creates several modules on one device', async () => {
    const id = await hub.makeDevice();
    const moduleIds = Array.from({ length: 10 }, (_, index) => `m${index}`);
    expectDone(
      await bulk(
        hub,
        moduleIds.map((moduleId) => ({ id, moduleId, importMode: 'create' })),
      ),
    );
    const listed = (await hub.send('GET', modulesPath(id))).body as { moduleId: string }[];
    expect(listed.map((module) => module.moduleId).sort()).toEqual(moduleIds);
  });

  emulatorOnly(needs.tier, 'is refused in a Basic tier', async () => {
    await withEmulator({ tier: 'B2' }, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      const reply = await client.send('POST', '/devices', { body: [{ id: 'a', moduleId: 'm', importMode: 'create' }] });
      expect(reply.body).toMatchObject({ errors: [{ errorCode: 'OperationNotAvailableInCurrentTier' }] });
    });
  });
});
