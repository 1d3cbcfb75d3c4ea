import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { twinBytes } from '../../../../local/emulator/state/twinLimits.ts';
import type { HubClient } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { withEmulator } from '../withEmulator.ts';

const text = (length: number) => 'x'.repeat(length);
const patch = (client: HubClient, body: object) => client.send('PATCH', '/twins/a', { body });
const refused = [400, 'ArgumentInvalid'];

describe('The size of a twin', () => {
  test('the twin size limit applies to the merged twin, so also to many small writes', async () => {
    await withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'a' });
      expect((await patch(client, { tags: { a: text(4000) } })).status).toBe(200);
      expect((await patch(client, { tags: { b: text(4000) } })).status).toBe(200);
      expect(outcome(await patch(client, { tags: { c: text(200) } }))).toEqual(refused);
      expect((await patch(client, { tags: { a: null, c: text(200) } })).status).toBe(200);
      expect(Object.keys(hub.twin('a').tags as object)).toEqual(['b', 'c']);
    });
  });

  test('a twin may have exactly 8 KB of tags and 32 KB of desired properties', async () => {
    await withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'a' });
      const tags = { a: text(4095), b: text(4095) };
      expect((await client.send('PUT', '/twins/a', { body: { tags } })).status).toBe(200);
      const more = { tags: { ...tags, b: text(4096) } };
      expect(outcome(await client.send('PUT', '/twins/a', { body: more }))).toEqual(refused);
      const desired = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [String(index), text(4095)]));
      expect((await patch(client, { properties: { desired } })).status).toBe(200);
      expect(outcome(await patch(client, { properties: { desired: { 0: text(4096) } } }))).toEqual(refused);
      expect(hub.twin('a')).toMatchObject({ properties: { desired } });
    });
  });

  test('bulk calls check the twin size, for new and for existing identities', async () => {
    await withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'a' });
      const tags = { a: text(4096), b: text(4096) };
      const entries = [
        { id: 'a', importMode: 'updateTwin', tags },
        { id: 'b', importMode: 'create', tags },
        { id: 'a', moduleId: 'm', importMode: 'create', tags },
      ];
      expect((await client.send('POST', '/devices', { body: entries })).body).toMatchObject({
        isSuccessful: false,
        errors: [{ errorCode: 'ArgumentInvalid' }, { errorCode: 'ArgumentInvalid' }, { errorCode: 'ArgumentInvalid' }],
      });
      expect(hub.counts).toMatchObject({ devices: 1, modules: 0 });
      expect(hub.twin('a')).not.toHaveProperty('tags');
    });
  });

  test('twin size counts names and strings in UTF-8 without control characters, 8 bytes for a number, 4 for a boolean', () => {
    expect(twinBytes({ ab: 'cde' })).toBe(5);
    expect(twinBytes({ ä: 1.5 })).toBe(10);
    expect(twinBytes({ on: true, off: null })).toBe(9);
    expect(twinBytes({ a: { b: ['x\u0007y', { c: 1 }] } })).toBe(1 + 1 + 2 + 9);
    fc.assert(
      fc.property(fc.object(), fc.object(), (left, right) => {
        expect(twinBytes({ left, right })).toBe('leftright'.length + twinBytes(left) + twinBytes(right));
      }),
    );
  });

  test.each([4_503_599_627_370_496, -4_503_599_627_370_497])('a twin refuses the whole number %i', async (number) => {
    await withEmulator({}, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'a' });
      const inRange = number > 0 ? number - 1 : number + 1;
      expect(outcome(await patch(client, { tags: { n: [number] } }))).toEqual(refused);
      expect((await patch(client, { tags: { n: [inRange] } })).status).toBe(200);
    });
  });
});
