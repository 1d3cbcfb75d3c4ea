import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, present } from './bulkEntries.ts';
import { checkBulkShape } from './bulkShapeCheck.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';

const hub = hubUnderTest();
const importMode = 'deleteIfMatchETag';

describe.each(kinds)('POST /devices, deleteIfMatchETag a %s', (kind) => {
  checkBulkShape(hub, kind, importMode); // no etag given: as if unconditional (recorded)

  describe('validation', () => {
    test.each([
      ['c3RhbGU=', 'PreconditionFailed'],
      [7, 'ArgumentInvalid'],
    ])('refuses the etag %j and keeps the identity', async (eTag, code) => {
      const there = await present(hub, kind);
      expectErrors(await bulk(hub, [{ ...there.names, importMode, eTag }]), importMode, [[there, code]]);
      expect((await hub.send('GET', there.path)).status).toBe(200);
    });
  });

  describe('behaviour', () => {
    test('deletes with the current etag', async () => {
      const there = await present(hub, kind);
      const { etag } = identityOf(await hub.send('GET', there.path));
      expectDone(await bulk(hub, [{ ...there.names, importMode, eTag: etag }]));
      expect((await hub.send('GET', there.path)).status).toBe(404);
    });
  });
});
