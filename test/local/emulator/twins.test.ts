import { describe, expect, test } from '@jest/globals';
import { outcome } from './moduleCalls.ts';
import { withEmulator } from './withEmulator.ts';

describe('A module twin', () => {
  test('merges on PATCH, replaces on PUT, and counts its versions', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      emulator.hub.createModule('a', { moduleId: 'm', desired: { keep: 1, drop: 2, deep: { x: 1, list: [1, 2] } } });
      const path = '/twins/a/modules/m';
      const patched = await client.send('PATCH', path, {
        body: {
          tags: { site: 'cork' },
          properties: { desired: { drop: null, deep: { y: 2, list: [3] } } },
        },
      });
      expect(patched.body).toMatchObject({ version: 3, etag: 'AAAAAAAAAAI=', tags: { site: 'cork' } });
      const { desired } = (patched.body as { properties: { desired: Record<string, unknown> } }).properties;
      const { $metadata, ...values } = desired;
      expect(values).toEqual({ keep: 1, deep: { x: 1, y: 2, list: [3] }, $version: 2 });
      expect($metadata).toMatchObject({
        keep: { $lastUpdatedVersion: 1 },
        deep: { $lastUpdatedVersion: 2, x: { $lastUpdatedVersion: 1 } },
      });
      expect($metadata).not.toHaveProperty('drop');
      const replaced = await client.send('PUT', path, { body: { properties: { desired: { only: true } } } });
      expect(replaced.body).toMatchObject({ version: 4, properties: { desired: { only: true, $version: 3 } } });
      expect(replaced.body).not.toHaveProperty('tags');
      expect(replaced.body).not.toHaveProperty('properties.desired.keep');
    });
  });

  test('takes a member named __proto__ as a member like any other', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      const body = Buffer.from('{"tags":{"__proto__":{"polluted":true}}}');
      const reply = await client.send('PATCH', '/twins/a', { body });
      expect(JSON.stringify(reply.body)).toContain('"tags":{"__proto__":{"polluted":true}}');
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    });
  });

  test.each([
    ['a name with a dot', { tags: { 'a.b': 1 } }],
    ['a name with a dollar', { tags: { $a: 1 } }],
    ['a value over 4 KB', { tags: { a: 'x'.repeat(4097) } }],
    ['tags over 8 KB', { tags: { a: 'x'.repeat(4000), b: 'x'.repeat(4000), c: 'x'.repeat(4000) } }],
    ['more than ten levels', { properties: { desired: JSON.parse(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`) } }],
    ['tags that are no object', { tags: [] }],
    ['properties that are no object', { properties: 'x' }],
  ])('refuses %s', async (_what, body) => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      expect(outcome(await client.send('PATCH', '/twins/a', { body }))).toEqual([400, 'ArgumentInvalid']);
      expect(emulator.hub.twin('a')).toMatchObject({ version: 2 });
    });
  });
});
