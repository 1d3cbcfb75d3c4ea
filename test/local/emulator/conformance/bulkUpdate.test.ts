import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, missingCode, present, unusedIdentity } from './bulkEntries.ts';
import { checkBulkShape } from './bulkShapeCheck.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { badAuthentications, identityOf } from './identities.ts';

const hub = hubUnderTest();

describe.each(kinds)('POST /devices, update a %s', (kind) => {
  checkBulkShape(hub, kind, 'update');

  describe('validation', () => {
    test('refuses a missing identity and does not create it', async () => {
      const free = await unusedIdentity(hub, kind);
      const reply = await bulk(hub, [{ ...free.names, importMode: 'update' }]);
      expectErrors(reply, 'update', [[free, missingCode(kind)]]);
      expect((await hub.send('GET', free.path)).status).toBe(404);
    });

    test.each(badAuthentications.slice(0, 3))('refuses %j and changes nothing', async (authentication) => {
      const there = await present(hub, kind);
      const before = (await hub.send('GET', there.path)).body;
      const reply = await bulk(hub, [{ ...there.names, importMode: 'update', authentication }]);
      expectErrors(reply, 'update', [[there, 'ArgumentInvalid']]);
      expect((await hub.send('GET', there.path)).body).toEqual(before);
    });
  });

  describe('behaviour', () => {
    test('replaces the identity with any etag: missing members get defaults, keys are generated', async () => {
      const member = kind === 'device' ? 'statusReason' : 'managedBy';
      const there = await present(hub, kind, { [member]: 'before' });
      const before = identityOf(await hub.send('GET', there.path));
      expectDone(await bulk(hub, [{ ...there.names, importMode: 'update', eTag: 'c3RhbGU=' }]));
      const after = identityOf(await hub.send('GET', there.path));
      expect(after).toMatchObject({ [member]: null, generationId: before.generationId });
      expect(after.etagNumber).toBe(before.etagNumber + 1);
      expect(after.primaryKey).not.toBe(before.primaryKey);
    });

    test('does not change the twin', async () => {
      const there = await present(hub, kind);
      await hub.send('PATCH', there.twinPath, { body: { tags: { site: 'cork' } } });
      expectDone(await bulk(hub, [{ ...there.names, importMode: 'update', tags: { site: 'brno' } }]));
      expect((await hub.send('GET', there.twinPath)).body).toMatchObject({ tags: { site: 'cork' }, version: 3 });
    });
  });
});
