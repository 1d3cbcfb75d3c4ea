import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, present, unusedIdentity } from './bulkEntries.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';

const hub = hubUnderTest();
const importMode = 'createOrUpdate';

// The default of imports; that POST /devices takes it too is unproven.
describe.each(kinds)('POST /devices, createOrUpdate a %s', (kind) => {
  const member = kind === 'device' ? 'statusReason' : 'managedBy';

  describe('shape', () => {
    test('returns {isSuccessful, errors, warnings} for existing and for new identities', async () => {
      for (const subject of [await present(hub, kind), await unusedIdentity(hub, kind)]) {
        const reply = await bulk(hub, [{ ...subject.names, importMode }]);
        expect([reply.status, reply.headers['iothub-errorcode']]).toEqual([200, undefined]);
        expect(JSON.stringify(reply.body)).toBe('{"isSuccessful":true,"errors":[],"warnings":[]}');
      }
    });
  });

  describe('validation', () => {
    test('refuses what create and update refuse', async () => {
      for (const subject of [await present(hub, kind), await unusedIdentity(hub, kind)]) {
        const reply = await bulk(hub, [{ ...subject.names, importMode, authentication: { type: 'magic' } }]);
        expectErrors(reply, importMode, [[subject, 'ArgumentInvalid']]);
      }
    });
  });

  describe('behaviour', () => {
    test('creates a missing identity with its twin data', async () => {
      const free = await unusedIdentity(hub, kind);
      expectDone(await bulk(hub, [{ ...free.names, importMode, tags: { n: 1 }, [member]: 'new' }]));
      expect((await hub.send('GET', free.path)).body).toMatchObject({ [member]: 'new' });
      expect((await hub.send('GET', free.twinPath)).body).toMatchObject({ tags: { n: 1 }, version: 2 });
    });

    test('replaces an existing identity', async () => {
      const there = await present(hub, kind, { [member]: 'before' });
      const before = identityOf(await hub.send('GET', there.path));
      expectDone(await bulk(hub, [{ ...there.names, importMode, [member]: 'after' }]));
      const after = identityOf(await hub.send('GET', there.path));
      expect(after).toMatchObject({ [member]: 'after', generationId: before.generationId });
      expect(after.etagNumber).toBe(before.etagNumber + 1);
    });
  });
});
