import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, present } from './bulkEntries.ts';
import { checkBulkShape } from './bulkShapeCheck.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { twinOf, valuesOf } from './twinOwner.ts';

const hub = hubUnderTest();
const importMode = 'updateTwin';

describe.each(kinds)('POST /devices, updateTwin a %s', (kind) => {
  checkBulkShape(hub, kind, importMode);

  describe('validation', () => {
    test.each([{ tags: { a: 'x'.repeat(4097) } }, { tags: [] }, { properties: { desired: { $a: 1 } } }])(
      'refuses an invalid twin (case %#) and does not change it',
      async (change) => {
        const there = await present(hub, kind);
        const reply = await bulk(hub, [{ ...there.names, importMode, ...change }]);
        expectErrors(reply, importMode, [[there, 'ArgumentInvalid']]);
        expect((await hub.send('GET', there.twinPath)).body).toMatchObject({ version: 2 });
      },
    );
  });

  describe('behaviour', () => {
    test('merges tags and desired properties, and does not change the identity', async () => {
      const there = await present(hub, kind);
      await hub.send('PATCH', there.twinPath, { body: { tags: { a: 1 }, properties: { desired: { x: 1, y: 2 } } } });
      const before = (await hub.send('GET', there.path)).body;
      const change = { tags: { b: 2 }, properties: { desired: { y: null, z: 3 } } };
      expectDone(await bulk(hub, [{ ...there.names, importMode, ...change }]));
      const twin = twinOf(await hub.send('GET', there.twinPath));
      expect([twin.tags, valuesOf(twin.properties.desired), twin.version]).toEqual([{ a: 1, b: 2 }, { x: 1, z: 3 }, 4]);
      expect((await hub.send('GET', there.path)).body).toEqual(before);
    });

    test('null empties a section, as in a PATCH (unproven)', async () => {
      const there = await present(hub, kind);
      await hub.send('PATCH', there.twinPath, { body: { tags: { a: 1 }, properties: { desired: { x: 1 } } } });
      expectDone(await bulk(hub, [{ ...there.names, importMode, tags: null, properties: { desired: null } }]));
      const twin = twinOf(await hub.send('GET', there.twinPath));
      expect([twin.tags, valuesOf(twin.properties.desired)]).toEqual([undefined, {}]);
    });
  });
});
