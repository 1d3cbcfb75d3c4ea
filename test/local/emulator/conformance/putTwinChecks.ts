import { describe, expect, test } from '@jest/globals';
import type { HubUnderTest } from './hubUnderTest.ts';
import { makeWrittenTwin, type TwinOwner, twinOf, valuesOf } from './twinOwner.ts';
import { checkTwinWrites } from './twinWriteChecks.ts';

/** PUT of a twin: what every write does, and what it replaces. */
export function checkTwinPut(hub: HubUnderTest, owner: TwinOwner): void {
  checkTwinWrites(hub, owner, 'PUT');

  describe('behaviour of a replacement', () => {
    const born = { tags: { site: 'cork', old: 1 }, properties: { desired: { keep: 1, drop: { deep: 2 } } } };

    test('removes tags and desired properties that the body does not name', async () => {
      const { path } = await makeWrittenTwin(hub, owner, born);
      const body = { tags: { site: 'brno' }, properties: { desired: { only: true } } };
      const twin = twinOf(await hub.send('PUT', path, { body }));
      expect(twin.tags).toEqual({ site: 'brno' });
      expect(valuesOf(twin.properties.desired)).toEqual({ only: true });
      expect(Object.keys(twin.properties.desired.$metadata)).toEqual(['$lastUpdated', '$lastUpdatedVersion', 'only']);
      expect(twinOf(await hub.send('GET', path))).toEqual(twin);
    });

    test.each([[{}], [{ tags: null, properties: { desired: null } }]])(
      '%j removes all tags and desired properties',
      async (body) => {
        const { path } = await makeWrittenTwin(hub, owner, born);
        const twin = twinOf(await hub.send('PUT', path, { body }));
        expect(twin).not.toHaveProperty('tags');
        expect(valuesOf(twin.properties.desired)).toEqual({});
      },
    );
  });
}
