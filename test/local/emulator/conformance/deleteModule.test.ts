import { describe, expect, test } from '@jest/globals';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';
import { devicePath, illegalSegments, modulePath, modulesPath, twinPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';

const hub = hubUnderTest();
const remove = (deviceId: string, moduleId: string, ifMatch?: string) =>
  hub.send('DELETE', modulePath(deviceId, moduleId), ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } });

describe('DELETE /devices/{id}/modules/{moduleId}', () => {
  describe('shape', () => {
    test('returns an empty 204 without content type', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const reply = await remove(id, agent, '*');
      expect([reply.status, reply.body, reply.headers['content-type']]).toEqual([204, undefined, undefined]);
    });

    test('returns 404 ModuleNotFound for a missing module', async () => {
      expectRefusal(await remove(await hub.makeDevice(), agent, '*'), 404, 'ModuleNotFound');
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the module id %s', async (segment) => {
      const path = `${modulesPath(await hub.makeDevice())}/${segment}`;
      expectRefusal(await hub.send('DELETE', path, { headers: { 'if-match': '*' } }), 400, 'ArgumentInvalid');
    });

    test('requires a matching If-Match', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      for (const ifMatch of [undefined, '""', '"c3RhbGU="'])
        expectRefusal(await remove(id, agent, ifMatch), 412, 'PreconditionFailed');
      const { etag } = identityOf(await hub.send('GET', modulePath(id, agent)));
      expectRefusal(await remove(id, agent, etag), 412, 'PreconditionFailed'); // without quotes it is none (unproven)
      expect((await remove(id, agent, `"${etag}"`)).status).toBe(204);
    });

    test('refuses to delete system modules', async () => {
      const id = await hub.makeDevice({ capabilities: { iotEdge: true } });
      expectRefusal(await remove(id, '$edgeHub', '*'), 401, 'SystemModuleModifyUnauthorizedAccess');
      expect((await hub.send('GET', modulePath(id, '$edgeHub'))).status).toBe(200);
    });
  });

  describe('behaviour', () => {
    test("deletes the module's twin, not the device or its other modules", async () => {
      const id = await hub.makeDevice();
      for (const moduleId of [agent, 'other']) await hub.makeModule(id, moduleId);
      expect((await remove(id, agent, '*')).status).toBe(204);
      expectRefusal(await hub.send('GET', modulePath(id, agent)), 404, 'ModuleNotFound');
      expectRefusal(await hub.send('GET', twinPath(id, agent)), 404, 'DeviceNotFound');
      expect((await hub.send('GET', devicePath(id))).status).toBe(200);
      expect((await hub.send('GET', modulePath(id, 'other'))).status).toBe(200);
      expectRefusal(await remove(id, agent, '*'), 404, 'ModuleNotFound');
    });

    test('a new module with the deleted id has new keys', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const before = identityOf(await hub.send('GET', modulePath(id, agent)));
      await remove(id, agent, '*');
      await hub.makeModule(id);
      const after = identityOf(await hub.send('GET', modulePath(id, agent)));
      expect([after.primaryKey === before.primaryKey, after.generationId === before.generationId]).toEqual([
        false,
        false,
      ]);
    });

    test('returns 401 under SAS for a missing device', async () => {
      expectRefusal(await remove(hub.newId(), agent, '*'), 401, 'IotHubUnauthorizedAccess', 'nested');
    });
  });
});
