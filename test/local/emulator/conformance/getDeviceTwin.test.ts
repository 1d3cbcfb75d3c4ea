import { describe, expect, test } from '@jest/globals';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';
import { devicePath, illegalSegments, twinPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { deviceTwinShape } from './shapes.ts';

const hub = hubUnderTest();

describe('GET /twins/{id}', () => {
  describe('shape', () => {
    test('returns the recorded twin of a new device: version 2, sections in version 1, no tags, no etag header', async () => {
      const id = await hub.makeDevice();
      const reply = await hub.send('GET', twinPath(id), { apiVersion: '2020-03-13' });
      expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
      expect(shapeOf(reply.body)).toEqual(deviceTwinShape);
      expect(reply.body).toMatchObject({
        ...{ deviceId: id, etag: 'AAAAAAAAAAE=', version: 2 },
        properties: { desired: { $version: 1 }, reported: { $version: 1 } },
      });
      expect(reply.headers.etag).toBeUndefined();
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the id %s', async (segment) => {
      expectRefusal(await hub.send('GET', `/twins/${segment}`), 400, 'ArgumentInvalid');
    });

    test('returns 404 DeviceNotFound for a missing device', async () => {
      expectRefusal(await hub.send('GET', twinPath(hub.newId())), 404, 'DeviceNotFound');
    });
  });

  describe('behaviour', () => {
    test('contains etag, status, authentication type and Edge capability of the identity', async () => {
      const id = await hub.makeDevice({ capabilities: { iotEdge: true } });
      const authentication = { type: 'certificateAuthority' };
      const body = { deviceId: id, status: 'disabled', statusReason: 'stolen', authentication };
      const headers = { 'if-match': '*' };
      const { etag } = identityOf(await hub.send('PUT', devicePath(id), { body, headers }));
      const twin = (await hub.send('GET', twinPath(id))).body;
      expect(twin).toMatchObject({ deviceEtag: etag, status: 'disabled', statusReason: 'stolen', version: 2 });
      expect(twin).toMatchObject({ authenticationType: 'certificateAuthority', capabilities: { iotEdge: false } });
    });

    test('returns the twin of a disabled device', async () => {
      const id = await hub.makeDevice({ status: 'disabled' });
      expect((await hub.send('GET', twinPath(id))).body).toMatchObject({ deviceId: id, status: 'disabled' });
    });

    emulatorOnly(needs.tier, 'is not to be had in a Basic tier (its words are unproven)', async () => {
      await withEmulator({ tier: 'B1' }, async (client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'a' });
        for (const [method, body] of [['GET'], ['PATCH', {}], ['PUT', {}]] as const)
          expectRefusal(await client.send(method, '/twins/a', { body }), 403, 'OperationNotAvailableInCurrentTier');
      });
    });
  });
});
