import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, present } from './bulkEntries.ts';
import { checkBulkShape } from './bulkShapeCheck.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { twinOf } from './twinOwner.ts';

const hub = hubUnderTest();
const importMode = 'updateTwinIfMatchETag';

describe.each(kinds)('POST /devices, updateTwinIfMatchETag a %s', (kind) => {
  checkBulkShape(hub, kind, importMode); // no etag given: as if unconditional (unproven)

  describe('validation', () => {
    test.each([
      ['AAAAAAAAAP8=', 'PreconditionFailed'],
      [7, 'ArgumentInvalid'],
    ])('refuses the etag %j and does not change the twin', async (twinETag, code) => {
      const there = await present(hub, kind);
      const reply = await bulk(hub, [{ ...there.names, importMode, twinETag, tags: { n: 1 } }]);
      expectErrors(reply, importMode, [[there, code]]);
      expect((await hub.send('GET', there.twinPath)).body).toMatchObject({ version: 2 });
    });
  });

  describe('behaviour', () => {
    test('updates with the current etag of the twin, once', async () => {
      const there = await present(hub, kind);
      const { etag } = twinOf(await hub.send('GET', there.twinPath));
      const change = { ...there.names, importMode, twinETag: etag, tags: { n: 1 } };
      expectDone(await bulk(hub, [change]));
      expectErrors(await bulk(hub, [{ ...change, tags: { n: 2 } }]), importMode, [[there, 'PreconditionFailed']]);
      expect(twinOf(await hub.send('GET', there.twinPath))).toMatchObject({ tags: { n: 1 }, version: 3 });
    });
  });
});
