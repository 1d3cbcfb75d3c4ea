import { describe, expect, test } from '@jest/globals';
import type { Reply } from '../hubClient.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { badAuthentications, goodKeys, identityOf } from './identities.ts';
import { devicePath, dotSegments, illegalSegments, modulesPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { deviceShape } from './shapes.ts';

const hub = hubUnderTest();

const put = (deviceId: string, more: object = {}, headers: Record<string, string> = {}): Promise<Reply> =>
  hub.send('PUT', devicePath(deviceId), { body: { deviceId, ...more }, headers, apiVersion: '2020-03-13' });

describe('PUT /devices/{id}', () => {
  describe('shape', () => {
    test('a create returns times without time zone, and parentScopes; an update does not', async () => {
      const id = hub.newId();
      const created = await put(id);
      expect([created.status, shapeOf(created.body)]).toEqual([200, deviceShape('created')]);
      expect(created.headers.etag).toBe(`"${identityOf(created).etag}"`);
      const updated = await put(id, {}, { 'if-match': '*' });
      expect([updated.status, shapeOf(updated.body)]).toEqual([200, deviceShape('read')]);
      expect(updated.headers.etag).toBe(`"${identityOf(updated).etag}"`);
    });

    test('returns the recorded 409, and the recorded words of 2021 for a stale etag', async () => {
      const id = await hub.makeDevice();
      expectRefusal(await put(id), 409, 'DeviceAlreadyExists');
      const { etag, etagNumber } = identityOf(await hub.send('GET', devicePath(id)));
      await put(id, {}, { 'if-match': '*' });
      const stale = await put(id, {}, { 'if-match': `"${etag}"` });
      expectRefusal(stale, 412, 'PreconditionFailed');
      const versions = `existingVersion:${etagNumber + 1} newVersion:${etagNumber}`;
      expect(stale.body).toMatchObject({
        Message: `ErrorCode:PreconditionFailed;Precondition failed: Device version did not match, ${versions}`,
      });
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the id %s', async (segment) => {
      expectRefusal(await hub.send('PUT', `/devices/${segment}`, { body: { deviceId: 'x' } }), 400, 'ArgumentInvalid');
    });

    for (const segment of dotSegments) {
      emulatorOnly(needs.dots, `refuses the id ${segment}`, async () => {
        const reply = await hub.send('PUT', `/devices/${segment}`, { body: { deviceId: '..' } });
        expectRefusal(reply, 400, 'ArgumentInvalid');
      });
    }

    test.each([
      ['no body', Buffer.alloc(0)],
      ['half a body', Buffer.from('{"deviceId":')],
      ['an array', []],
      ['null', null],
      ['another id', { deviceId: 'other' }],
      ['no id', {}],
      ['a status of its own', { status: 'sleeping' }],
      ['a status that is no text', { status: 1 }],
      ['a status reason of 129 characters', { statusReason: 'x'.repeat(129) }],
      ['capabilities that are no object', { capabilities: 'edge' }],
      ['an iotEdge that is no boolean', { capabilities: { iotEdge: 'yes' } }],
      ...badAuthentications.map((authentication) => [JSON.stringify(authentication), { authentication }] as const),
    ])('refuses %s and creates no device', async (what, more) => {
      const id = hub.newId();
      const isWhole = Buffer.isBuffer(more) || Array.isArray(more) || more === null;
      const named = what === 'another id' || what === 'no id' ? {} : { deviceId: id };
      const reply = await hub.send('PUT', devicePath(id), { body: isWhole ? more : { ...named, ...more } });
      expectRefusal(reply, 400, 'ArgumentInvalid');
      expect((await hub.send('GET', devicePath(id))).status).toBe(404);
    });
  });

  describe('behaviour', () => {
    test('only creates without If-Match or with an empty one', async () => {
      const id = hub.newId();
      expect((await put(id, {}, { 'if-match': '""' })).status).toBe(200);
      const before = identityOf(await hub.send('GET', devicePath(id)));
      expectRefusal(await put(id, { status: 'disabled' }), 409, 'DeviceAlreadyExists');
      expectRefusal(await put(id, {}, { 'if-match': '""' }), 409, 'DeviceAlreadyExists');
      expect(identityOf(await hub.send('GET', devicePath(id)))).toEqual(before);
    });

    test('only updates with If-Match: new etag, same generation, missing keys are generated', async () => {
      const id = hub.newId();
      expectRefusal(await put(id, {}, { 'if-match': '*' }), 404, 'DeviceNotFound');
      const created = identityOf(await put(id, { statusReason: 'new' }));
      const updated = identityOf(await put(id, { status: 'disabled' }, { 'if-match': `"${created.etag}"` }));
      expect(updated).toMatchObject({ status: 'disabled', statusReason: null, generationId: created.generationId });
      expect(updated.statusUpdatedTime).toMatch(/^20\d\d-.*Z$/);
      expect(updated.etagNumber).toBe(created.etagNumber + 1);
      expect(updated.primaryKey).not.toBe(created.primaryKey);
      expectRefusal(await put(id, {}, { 'if-match': `"${created.etag}"` }), 412, 'PreconditionFailed');
      expect((await put(id, {}, { 'if-match': '"*"' })).status).toBe(200);
    });

    test('ignores an etag without quotes, so that it only creates (unproven for identities)', async () => {
      const id = hub.newId();
      const created = identityOf(await put(id, {}, { 'if-match': 'c3RhbGU=' }));
      expectRefusal(await put(id, {}, { 'if-match': created.etag }), 409, 'DeviceAlreadyExists');
      expect(identityOf(await hub.send('GET', devicePath(id))).etag).toBe(created.etag);
    });

    test('ignores a stale etag and read-only members in the body with If-Match *', async () => {
      const id = await hub.makeDevice();
      const reply = await put(id, { etag: 'c3RhbGU=', generationId: '1', connectionState: 'x' }, { 'if-match': '*' });
      expect(reply.status).toBe(200);
      expect(identityOf(reply).generationId).toMatch(/^\d{18}$/);
    });

    test('stores given keys', async () => {
      const authentication = { type: 'sas', symmetricKey: goodKeys };
      expect((await put(hub.newId(), { authentication })).body).toMatchObject({ authentication });
    });

    test('accepts thumbprints for a self-signed device, whose keys are null', async () => {
      const thumbprint = 'A'.repeat(40);
      const reply = await put(hub.newId(), { authentication: { x509Thumbprint: { primaryThumbprint: thumbprint } } });
      expect((reply.body as { authentication: unknown }).authentication).toEqual({
        symmetricKey: { primaryKey: null, secondaryKey: null },
        x509Thumbprint: { primaryThumbprint: thumbprint, secondaryThumbprint: null },
        type: 'selfSigned',
      });
    });

    test('creates certificateAuthority devices, and Edge devices with system modules', async () => {
      const authentication = { type: 'certificateAuthority' };
      expect((await put(hub.newId(), { authentication })).body).toMatchObject({ authentication });
      const id = hub.newId();
      expect((await put(id, { capabilities: { iotEdge: true } })).body).toMatchObject({
        capabilities: { iotEdge: true },
      });
      const modules = (await hub.send('GET', modulesPath(id))).body as { moduleId: string }[];
      expect(modules.map((module) => module.moduleId).sort()).toEqual(['$edgeAgent', '$edgeHub']);
    });

    emulatorOnly(needs.caps, 'leaves a device as it was when the modules of Edge do not fit', async () => {
      await withEmulator({ maxModulesPerDevice: 3 }, async (client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'full' });
        for (const moduleId of ['m1', 'm2']) emulator.hub.createModule('full', { moduleId });
        const before = emulator.hub.identity('full');
        const body = { deviceId: 'full', capabilities: { iotEdge: true } };
        const reply = await client.send('PUT', '/devices/full', { body, headers: { 'if-match': '*' } });
        expectRefusal(reply, 413, 'TooManyModulesOnDevice');
        expect(emulator.hub.identity('full')).toEqual(before);
      });
    });

    emulatorOnly(needs.caps, 'is refused at the cap of identities, until a place is free', async () => {
      await withEmulator({ maxIdentities: 2 }, async (client) => {
        const make = (deviceId: string) => client.send('PUT', `/devices/${deviceId}`, { body: { deviceId } });
        for (const id of ['a', 'b']) expect((await make(id)).status).toBe(200);
        expectRefusal(await make('c'), 403, 'IotHubQuotaExceeded');
        await client.send('DELETE', '/devices/a', { headers: { 'if-match': '*' } });
        expect((await make('c')).status).toBe(200);
      });
    });
  });
});
