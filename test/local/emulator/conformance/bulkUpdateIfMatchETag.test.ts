import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, missingCode, present, unusedIdentity } from './bulkEntries.ts';
import { checkBulkShape } from './bulkShapeCheck.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';

const hub = hubUnderTest();
const importMode = 'updateIfMatchETag';

describe.each(kinds)('POST /devices, updateIfMatchETag a %s', (kind) => {
  const member = kind === 'device' ? 'statusReason' : 'managedBy';

  checkBulkShape(hub, kind, importMode);

  describe('validation', () => {
    test('refuses a stale etag and changes nothing', async () => {
      const there = await present(hub, kind);
      const before = (await hub.send('GET', there.path)).body;
      const reply = await bulk(hub, [{ ...there.names, importMode, eTag: 'c3RhbGU=', [member]: 'x' }]);
      expectErrors(reply, importMode, [[there, 'PreconditionFailed']]);
      expect((await hub.send('GET', there.path)).body).toEqual(before);
    });

    test('refuses a missing identity', async () => {
      const free = await unusedIdentity(hub, kind);
      const reply = await bulk(hub, [{ ...free.names, importMode, eTag: '*' }]);
      expectErrors(reply, importMode, [[free, missingCode(kind)]]);
    });

    test('refuses an etag that is not a string', async () => {
      const there = await present(hub, kind);
      const reply = await bulk(hub, [{ ...there.names, importMode, eTag: 7 }]);
      expectErrors(reply, importMode, [[there, 'ArgumentInvalid']]);
    });
  });

  describe('behaviour', () => {
    test('updates with the current etag, once', async () => {
      const there = await present(hub, kind);
      const { etag } = identityOf(await hub.send('GET', there.path));
      const change = { ...there.names, importMode, eTag: etag, [member]: 'after' };
      expectDone(await bulk(hub, [change]));
      expect((await hub.send('GET', there.path)).body).toMatchObject({ [member]: 'after' });
      expectErrors(await bulk(hub, [change]), importMode, [[there, 'PreconditionFailed']]);
    });

    test('updates unconditionally without an etag (recorded for deletes)', async () => {
      const there = await present(hub, kind);
      expectDone(await bulk(hub, [{ ...there.names, importMode, [member]: 'after' }]));
      expect((await hub.send('GET', there.path)).body).toMatchObject({ [member]: 'after' });
    });
  });
});
