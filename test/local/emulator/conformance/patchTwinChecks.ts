import { describe, expect, test } from '@jest/globals';
import type { HubUnderTest } from './hubUnderTest.ts';
import { expectRefusal } from './refusal.ts';
import { makeWrittenTwin, type TwinOwner, twinOf, valuesOf } from './twinOwner.ts';
import { checkTwinWrites } from './twinWriteChecks.ts';

/** PATCH of a twin: what every write does, and how it merges. */
export function checkTwinPatch(hub: HubUnderTest, owner: TwinOwner): void {
  checkTwinWrites(hub, owner, 'PATCH');

  describe('behaviour of a merge', () => {
    const born = {
      tags: { site: 'cork', old: 1 },
      properties: { desired: { keep: 1, drop: 2, deep: { x: 1, list: [1, 2] } } },
    };

    test('merges objects, deletes null members, replaces arrays', async () => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const body = {
        tags: { old: null, new: { a: 1 } },
        properties: { desired: { drop: null, deep: { y: 2, list: [3] } } },
      };
      const twin = twinOf(await hub.send('PATCH', path, { body }));
      expect(twin.tags).toEqual({ site: 'cork', new: { a: 1 } });
      expect(valuesOf(twin.properties.desired)).toEqual({ keep: 1, deep: { x: 1, y: 2, list: [3] } });
      expect(twinOf(await hub.send('GET', path))).toEqual(twin);
    });

    test('updates the metadata of written members only', async () => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const body = { properties: { desired: { drop: null, deep: { y: 2 } } } };
      const { desired } = twinOf(await hub.send('PATCH', path, { body })).properties;
      expect(desired.$metadata).toMatchObject({
        $lastUpdatedVersion: 3,
        keep: { $lastUpdatedVersion: 2 },
        deep: { $lastUpdatedVersion: 3, x: { $lastUpdatedVersion: 2 }, y: { $lastUpdatedVersion: 3 } },
      });
      expect(desired.$metadata).not.toHaveProperty('drop');
    });

    test('a change of tags increases the version of the twin, not of the desired properties (unproven)', async () => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const before = twinOf(await hub.send('GET', path));
      const after = twinOf(await hub.send('PATCH', path, { body: { tags: { site: 'brno' } } }));
      expect(after.version).toBe(before.version + 1);
      expect(after.properties).toEqual(before.properties);
    });

    test('null empties the tags', async () => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const twin = twinOf(await hub.send('PATCH', path, { body: { tags: null } }));
      expect(twin).not.toHaveProperty('tags');
      expect(valuesOf(twin.properties.desired)).toEqual(born.properties.desired);
    });

    test.each([
      [{ properties: { desired: null } }],
      [{ properties: null }], // unproven
    ])('%j empties the desired properties and increases their version', async (body) => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const twin = twinOf(await hub.send('PATCH', path, { body }));
      expect(valuesOf(twin.properties.desired)).toEqual({});
      expect(twin.properties.desired.$version).toBe(3);
      expect(Object.keys(twin.properties.desired.$metadata)).toEqual(['$lastUpdated', '$lastUpdatedVersion']);
      expect(twin.tags).toEqual(born.tags);
    });

    test('POST with X-HTTP-Method-Override: PATCH is a PATCH, as the Java SDK sends it', async () => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const headers = { 'x-http-method-override': 'PATCH' };
      const twin = twinOf(await hub.send('POST', path, { body: { tags: { site: 'brno' } }, headers }));
      expect(twin.tags).toEqual({ site: 'brno', old: 1 });
      expectRefusal(await hub.send('POST', path, { body: { tags: {} } }), 404, 'GenericNotFound'); // unproven
    });

    test('a twin without its last tag has no member tags', async () => {
      const { path } = await makeWrittenTwin(hub, owner, { tags: { only: 1 } });
      const twin = twinOf(await hub.send('PATCH', path, { body: { tags: { only: null } } }));
      expect(twin).not.toHaveProperty('tags');
    });
  });
}
