import { describe, expect, test } from '@jest/globals';
import { shapeOf } from '../shapeOf.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { devicePath, illegalSegments, modulePath, modulesPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { moduleShape } from './shapes.ts';

const hub = hubUnderTest();

describe('GET /devices/{id}/modules', () => {
  describe('shape', () => {
    test('returns an array of identities in the format of a GET by id', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id, 'first');
      const reply = await hub.send('GET', modulesPath(id), { apiVersion: '2020-03-13' });
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(shapeOf(reply.body)).toEqual([moduleShape('read', 'first')]);
      expect(reply.body).toEqual([(await hub.send('GET', modulePath(id, 'first'))).body]);
    });

    test('returns an empty array for a device without modules', async () => {
      const reply = await hub.send('GET', modulesPath(await hub.makeDevice()));
      expect([reply.status, reply.body]).toEqual([200, []]);
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the id %s', async (segment) => {
      expectRefusal(await hub.send('GET', `/devices/${segment}/modules`), 400, 'ArgumentInvalid');
    });
  });

  describe('behaviour', () => {
    test('lists exactly the modules of the device, at once after creation and deletion', async () => {
      const [id, other] = [await hub.makeDevice(), await hub.makeDevice()];
      await hub.makeModule(other, 'foreign');
      for (const moduleId of ['m1', 'm2', 'm3']) await hub.makeModule(id, moduleId);
      await hub.send('DELETE', modulePath(id, 'm2'), { headers: { 'if-match': '*' } });
      const listed = (await hub.send('GET', modulesPath(id))).body as { moduleId: string }[];
      expect(listed.map((module) => module.moduleId).sort()).toEqual(['m1', 'm3']);
    });

    test('returns 401 under SAS for a missing or disabled device', async () => {
      const id = await hub.makeDevice();
      const body = { deviceId: id, status: 'disabled' };
      await hub.send('PUT', devicePath(id), { body, headers: { 'if-match': '*' } });
      for (const deviceId of [id, hub.newId()])
        expectRefusal(await hub.send('GET', modulesPath(deviceId)), 401, 'IotHubUnauthorizedAccess', 'nested');
    });
  });
});
