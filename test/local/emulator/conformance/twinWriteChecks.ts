import { describe, expect, test } from '@jest/globals';
import { shapeOf } from '../shapeOf.ts';
import { agent, type HubUnderTest } from './hubUnderTest.ts';
import { illegalSegments, twinPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { makeTwin, type TwinOwner, twinOf } from './twinOwner.ts';

const nested = (levels: number): object => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
const wide = (values: number, length: number): object =>
  Object.fromEntries(Array.from({ length: values }, (_, index) => [`v${index}`, 'x'.repeat(length)]));

/** What a twin can hold, just within each limit (Microsoft: device twins; IoT Hub quotas). */
const goodTwins: readonly (readonly [what: string, body: object])[] = [
  ['ten levels', { properties: { desired: nested(10) } }],
  ['a value of 4,096 characters', { tags: { a: 'x'.repeat(4096) } }],
  ['tags of nearly 8 KB', { tags: wide(2, 4000) }],
  ['desired properties of nearly 32 KB', { properties: { desired: wide(8, 4000) } }],
  ['a name of 1,024 characters', { tags: { ['n'.repeat(1024)]: 1 } }],
  ['names that scripts use', { tags: { constructor: 1, toString: { valueOf: 2 }, hasOwnProperty: 3 } }],
  ['text beyond ASCII', { tags: { größe: '大 💥' } }],
];

const badTwins: readonly (readonly [what: string, body: unknown])[] = [
  ['eleven levels', { properties: { desired: nested(11) } }],
  ['a value over 4 KB', { tags: { a: 'x'.repeat(4097) } }],
  ['tags over 8 KB', { tags: wide(3, 4000) }],
  ['desired properties over 32 KB', { properties: { desired: wide(9, 4000) } }],
  ['a name over 1 KB', { tags: { ['n'.repeat(1025)]: 1 } }],
  ['a name with a dot', { tags: { 'a.b': 1 } }],
  ['a name with a dollar', { properties: { desired: { deep: { $a: 1 } } } }],
  ['a name with a hash', { tags: { 'a#b': 1 } }],
  ['a name with a space', { tags: { 'a b': 1 } }],
  ['a name with a control character', { tags: { 'a\u0007b': 1 } }],
  ['tags that are no object', { tags: [] }],
  ['properties that are no object', { properties: 'x' }],
  ['desired properties that are no object', { properties: { desired: 1 } }],
  ['an array', []],
  ['no JSON', Buffer.from('{"tags":')],
];

/** What PATCH and PUT of a twin have in common. */
export function checkTwinWrites(hub: HubUnderTest, owner: TwinOwner, method: 'PATCH' | 'PUT'): void {
  const write = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    hub.send(method, path, { body, headers });

  describe('shape', () => {
    test('returns the whole twin in the recorded order, user properties before $metadata and $version', async () => {
      const { path } = await makeTwin(hub, owner);
      const reply = await write(path, { tags: { site: 'cork' }, properties: { desired: { level: 1 } } });
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(reply.headers.etag).toBeUndefined();
      const names = Object.keys(reply.body as object);
      expect(names.slice(names.indexOf('version'))).toEqual([
        ...['version', 'tags', 'properties'],
        ...(owner === 'device' ? ['capabilities'] : []),
      ]);
      expect(shapeOf(twinOf(reply).properties.desired)).toEqual([
        ['level', 'number'],
        [
          '$metadata',
          [
            ['$lastUpdated', 'time, with zone'],
            ['$lastUpdatedVersion', 'number'],
            [
              'level',
              [
                ['$lastUpdated', 'time, with zone'],
                ['$lastUpdatedVersion', 'number'],
              ],
            ],
          ],
        ],
        ['$version', 'number'],
      ]);
    });

    test('returns the recorded 412 for a stale etag', async () => {
      const { path, deviceId } = await makeTwin(hub, owner);
      const reply = await write(path, { tags: {} }, { 'if-match': '"AAAAAAAAAP8="' });
      expectRefusal(reply, 412, 'PreconditionFailed');
      expect(reply.body).toMatchObject({
        Message: `ErrorCode:PreconditionFailed;ETag mismatch for device ID '${deviceId}'`,
      });
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the id %s', async (segment) => {
      const path = owner === 'device' ? `/twins/${segment}` : `${twinPath(await hub.makeDevice())}/modules/${segment}`;
      expectRefusal(await write(path, { tags: {} }), 400, 'ArgumentInvalid');
    });

    test.each(badTwins)('refuses %s and does not change the twin', async (_what, body) => {
      const { path } = await makeTwin(hub, owner);
      expectRefusal(await write(path, body), 400, 'ArgumentInvalid');
      expect((await hub.send('GET', path)).body).toMatchObject({ version: 2 });
    });

    test.each(goodTwins)('accepts %s', async (_what, body) => {
      const { path } = await makeTwin(hub, owner);
      expect(twinOf(await write(path, body))).toMatchObject(body);
    });

    test('returns 404 DeviceNotFound if device or module is missing', async () => {
      const missing = owner === 'device' ? twinPath(hub.newId()) : twinPath(await hub.makeDevice(), agent);
      for (const path of [missing, twinPath(hub.newId(), agent)])
        expectRefusal(await write(path, { tags: {} }), 404, 'DeviceNotFound');
    });
  });

  describe('behaviour', () => {
    test('increases version and etag with each write, and does not require If-Match', async () => {
      const { path } = await makeTwin(hub, owner);
      const first = twinOf(await write(path, { properties: { desired: { level: 1 } } }));
      expect([first.version, first.etag, first.properties.desired.$version]).toEqual([3, 'AAAAAAAAAAI=', 2]);
      const second = twinOf(await write(path, { properties: { desired: { level: 2 } } }, { 'if-match': '*' }));
      expect([second.version, second.etag, second.properties.desired.$version]).toEqual([4, 'AAAAAAAAAAM=', 3]);
      const third = await write(path, { tags: { n: 1 } }, { 'if-match': `"${second.etag}"` });
      expect(twinOf(third)).toMatchObject({ version: 5, etag: 'AAAAAAAAAAQ=' });
      expectRefusal(await write(path, { tags: {} }, { 'if-match': `"${second.etag}"` }), 412, 'PreconditionFailed');
    });

    test('ignores an If-Match without quotes, unless it is *', async () => {
      const { path } = await makeTwin(hub, owner);
      for (const [ifMatch, level] of [
        ['abc', 1],
        ['AAAAAAAAAP8=', 2],
        ['*', 3],
        ['"*"', 4],
      ] as const) {
        const reply = await write(path, { properties: { desired: { level } } }, { 'if-match': ifMatch });
        expect([ifMatch, twinOf(reply).properties.desired.level]).toEqual([ifMatch, level]);
      }
    });

    test('takes one matching etag of a list, and a weak etag like a strong one (unproven)', async () => {
      const { path } = await makeTwin(hub, owner);
      const { etag } = twinOf(await write(path, { tags: { n: 1 } }));
      const stale = 'AAAAAAAAAP8=';
      expectRefusal(await write(path, {}, { 'if-match': `"${stale}", W/"${stale}"` }), 412, 'PreconditionFailed');
      const listed = await write(path, { tags: { n: 2 } }, { 'if-match': `"${stale}", "${etag}"` });
      const weak = await write(path, { tags: { n: 3 } }, { 'if-match': `W/"${twinOf(listed).etag}"` });
      expect(twinOf(weak).tags).toEqual({ n: 3 });
    });

    test('accepts a twin as a client has read it, with its read-only members', async () => {
      const { path } = await makeTwin(hub, owner);
      await write(path, { properties: { desired: { level: 1 } } });
      const read = twinOf(await hub.send('GET', path));
      const written = twinOf(await write(path, read));
      expect(written).toMatchObject({ version: read.version + 1, deviceEtag: read.deviceEtag });
      expect(written.properties.reported).toEqual(read.properties.reported);
    });

    test('does not change the identity', async () => {
      const { path } = await makeTwin(hub, owner);
      const identity = () => hub.send('GET', path.replace('/twins/', '/devices/'));
      const before = (await identity()).body;
      await write(path, { tags: { site: 'cork' } });
      expect((await identity()).body).toEqual(before);
    });

    test('treats a member named __proto__ like any other', async () => {
      const { path } = await makeTwin(hub, owner);
      const reply = await write(path, Buffer.from('{"tags":{"__proto__":{"polluted":true}}}'));
      expect(JSON.stringify(reply.body)).toContain('"tags":{"__proto__":{"polluted":true}}');
    });
  });
}
