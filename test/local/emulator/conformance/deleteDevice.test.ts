import { describe, expect, test } from '@jest/globals';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';
import { devicePath, illegalSegments, modulePath, twinPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';

const hub = hubUnderTest();
const remove = (id: string, ifMatch?: string) =>
  hub.send('DELETE', devicePath(id), ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } });

describe('DELETE /devices/{id}', () => {
  describe('shape', () => {
    test('returns an empty 204 without content type', async () => {
      const reply = await remove(await hub.makeDevice(), '*');
      expect([reply.status, reply.body, reply.headers['content-type']]).toEqual([204, undefined, undefined]);
    });

    test('returns 404 DeviceNotFound for a missing device', async () => {
      expectRefusal(await remove(hub.newId(), '*'), 404, 'DeviceNotFound');
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the id %s', async (segment) => {
      const reply = await hub.send('DELETE', `/devices/${segment}`, { headers: { 'if-match': '*' } });
      expectRefusal(reply, 400, 'ArgumentInvalid');
    });

    test('requires a matching If-Match', async () => {
      const id = await hub.makeDevice();
      for (const ifMatch of [undefined, '""', '"c3RhbGU="'])
        expectRefusal(await remove(id, ifMatch), 412, 'PreconditionFailed');
      const { etag } = identityOf(await hub.send('GET', devicePath(id)));
      expectRefusal(await remove(id, etag), 412, 'PreconditionFailed'); // without quotes it is none (unproven)
      expect((await remove(id, `"${etag}"`)).status).toBe(204);
    });
  });

  describe('behaviour', () => {
    test('deletes the modules and twins of the device', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      expect((await remove(id, '*')).status).toBe(204);
      expectRefusal(await hub.send('GET', devicePath(id)), 404, 'DeviceNotFound');
      expectRefusal(await hub.send('GET', twinPath(id)), 404, 'DeviceNotFound');
      expectRefusal(await hub.send('GET', twinPath(id, agent)), 404, 'DeviceNotFound');
      expectRefusal(await remove(id, '*'), 404, 'DeviceNotFound');
    });

    test('a new device with the deleted id has new keys, generation and twin, and no modules', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      await hub.send('PATCH', twinPath(id), { body: { tags: { site: 'cork' } } });
      const before = identityOf(await hub.send('GET', devicePath(id)));
      await remove(id, '*');
      const after = identityOf(await hub.send('PUT', devicePath(id), { body: { deviceId: id } }));
      expect(after.generationId).not.toBe(before.generationId);
      expect(after.primaryKey).not.toBe(before.primaryKey);
      expectRefusal(await hub.send('GET', modulePath(id, agent)), 404, 'ModuleNotFound');
      const twin = (await hub.send('GET', twinPath(id))).body;
      expect(twin).toMatchObject({ version: 2 });
      expect(twin).not.toHaveProperty('tags');
    });
  });
});
