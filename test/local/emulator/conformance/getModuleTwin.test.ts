import { describe, expect, test } from '@jest/globals';
import { shapeOf } from '../shapeOf.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';
import { devicePath, illegalSegments, modulePath, twinPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { moduleTwinShape } from './shapes.ts';

const hub = hubUnderTest();

describe('GET /twins/{id}/modules/{moduleId}', () => {
  describe('shape', () => {
    test('a module created by PUT has a twin without capabilities, with the time 0001-01-01 in its metadata', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const reply = await hub.send('GET', twinPath(id, agent), { apiVersion: '2020-03-13' });
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(shapeOf(reply.body)).toEqual(moduleTwinShape(agent, { born: 'singly', seen: 'byId' }));
      expect(reply.body).toMatchObject({ deviceId: id, moduleId: agent, etag: 'AAAAAAAAAAE=', version: 2 });
      expect(reply.headers.etag).toBeUndefined();
    });

    test('a module created in bulk has a twin with its creation time and a version in the metadata', async () => {
      const id = await hub.makeDevice();
      const body = [{ id, moduleId: agent, importMode: 'create' }];
      expect((await hub.send('POST', '/devices', { body })).status).toBe(200);
      const reply = await hub.send('GET', twinPath(id, agent), { apiVersion: '2020-03-13' });
      expect(shapeOf(reply.body)).toEqual(moduleTwinShape(agent, { born: 'inBulk', seen: 'byId' }));
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses %s as device id and as module id', async (segment) => {
      for (const path of [
        `/twins/${segment}/modules/${agent}`,
        `${twinPath(await hub.makeDevice())}/modules/${segment}`,
      ])
        expectRefusal(await hub.send('GET', path), 400, 'ArgumentInvalid');
    });

    test('returns 404 DeviceNotFound if device or module is missing', async () => {
      const id = await hub.makeDevice();
      for (const path of [twinPath(id, agent), twinPath(hub.newId(), agent)])
        expectRefusal(await hub.send('GET', path), 404, 'DeviceNotFound');
    });
  });

  describe('behaviour', () => {
    test('contains etag and authentication type of the module identity, not of the device', async () => {
      const id = await hub.makeDevice();
      const authentication = { type: 'certificateAuthority' };
      await hub.makeModule(id, agent, { authentication });
      const { etag } = identityOf(await hub.send('GET', modulePath(id, agent)));
      expect((await hub.send('GET', twinPath(id, agent))).body).toMatchObject({
        deviceEtag: etag,
        authenticationType: 'certificateAuthority',
      });
    });

    test('returns the module twin of a disabled device, unlike its identity', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const body = { deviceId: id, status: 'disabled' };
      await hub.send('PUT', devicePath(id), { body, headers: { 'if-match': '*' } });
      expect((await hub.send('GET', modulePath(id, agent))).status).toBe(401);
      expect((await hub.send('GET', twinPath(id, agent))).body).toMatchObject({ moduleId: agent });
    });
  });
});
