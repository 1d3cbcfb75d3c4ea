import { describe, expect, test } from '@jest/globals';
import { specialDeviceIds } from '../../../../local/emulator/state/seedDevices.ts';
import type { Reply } from '../hubClient.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { agent, hubUnderTest } from './hubUnderTest.ts';
import { badAuthentications, goodKeys, identityOf } from './identities.ts';
import { devicePath, illegalSegments, modulePath, modulesPath } from './paths.ts';
import { expectRefusal } from './refusal.ts';
import { emulatorOnly, needs } from './remoteHub.ts';
import { moduleShape } from './shapes.ts';

const hub = hubUnderTest();

const put = (deviceId: string, moduleId = agent, more: object = {}, ifMatch?: string): Promise<Reply> =>
  hub.send('PUT', modulePath(deviceId, moduleId), {
    body: { deviceId, moduleId, ...more },
    headers: ifMatch === undefined ? {} : { 'if-match': ifMatch },
    apiVersion: '2020-03-13',
  });

describe('PUT /devices/{id}/modules/{moduleId}', () => {
  describe('shape', () => {
    test('a create returns times without time zone, an update with time zone', async () => {
      const id = await hub.makeDevice();
      const created = await put(id);
      expect([created.status, shapeOf(created.body)]).toEqual([200, moduleShape('created', agent)]);
      expect(created.headers.etag).toBeUndefined();
      const updated = await put(id, agent, { managedBy: 'keeper' }, '*');
      expect([updated.status, shapeOf(updated.body)]).toEqual([200, moduleShape('read', agent, 'keeper')]);
    });

    test('returns 409301 in its own format for an existing module', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const again = await put(id);
      expectRefusal(again, 409, 'ModuleAlreadyExistsOnDevice', 'flat');
      const { errorCode, message } = again.body as { errorCode: number; message: string };
      expect(errorCode).toBe(409301);
      expect(message.replace(/IotHub \S+/, 'IotHub H')).toBe(
        `Device ${id} in IotHub H already contains Module ${agent}.`,
      );
    });

    test('returns the recorded 412', async () => {
      const id = await hub.makeDevice();
      await hub.makeModule(id);
      const stale = await put(id, agent, {}, '"c3RhbGU="');
      expectRefusal(stale, 412, 'PreconditionFailed');
      expect(stale.body).toMatchObject({ Message: 'ErrorCode:PreconditionFailed;PreconditionFailed' });
    });
  });

  describe('validation', () => {
    test.each(illegalSegments)('refuses the module id %s', async (segment) => {
      const id = await hub.makeDevice();
      const reply = await hub.send('PUT', `${modulesPath(id)}/${segment}`, { body: { deviceId: id, moduleId: 'm' } });
      expectRefusal(reply, 400, 'ArgumentInvalid');
    });

    test.each([
      ['no body', Buffer.alloc(0)],
      ['an array', []],
      ['another device', { deviceId: 'other' }],
      ['another module', { moduleId: 'other' }],
      ['a managedBy that is no text', { managedBy: 1 }],
      ...badAuthentications.map((authentication) => [JSON.stringify(authentication), { authentication }] as const),
    ])('refuses %s and creates no module', async (_what, more) => {
      const id = await hub.makeDevice();
      const isWhole = Buffer.isBuffer(more) || Array.isArray(more);
      const body = isWhole ? more : { deviceId: id, moduleId: agent, ...more };
      expectRefusal(await hub.send('PUT', modulePath(id, agent), { body }), 400, 'ArgumentInvalid');
      expect((await hub.send('GET', modulesPath(id))).body).toEqual([]);
    });

    test('refuses an id that begins with $', async () => {
      const id = await hub.makeDevice({ capabilities: { iotEdge: true } });
      expectRefusal(await put(id, '$mine'), 400, 'ArgumentInvalid');
      expectRefusal(await put(id, '$edgeAgent', {}, '*'), 401, 'SystemModuleModifyUnauthorizedAccess');
    });
  });

  describe('behaviour', () => {
    test('only creates without If-Match or with an empty one: an existing module keeps its keys', async () => {
      const id = await hub.makeDevice();
      expect((await put(id, agent, {}, '""')).status).toBe(200);
      const before = (await hub.send('GET', modulePath(id, agent))).body;
      for (const ifMatch of [undefined, '""', ''])
        expectRefusal(await put(id, agent, { managedBy: 'x' }, ifMatch), 409, 'ModuleAlreadyExistsOnDevice', 'flat');
      expect((await hub.send('GET', modulePath(id, agent))).body).toEqual(before);
    });

    test('only updates with If-Match: missing keys are generated, a missing managedBy is cleared', async () => {
      const id = await hub.makeDevice();
      expectRefusal(await put(id, agent, {}, '*'), 404, 'ModuleNotFound');
      const created = identityOf(await put(id, agent, { managedBy: 'keeper' }));
      const updated = identityOf(await put(id, agent, {}, `"${created.etag}"`));
      expect(updated).toMatchObject({ managedBy: null, generationId: created.generationId });
      expect(updated.etagNumber).toBe(created.etagNumber + 1);
      expect(updated.primaryKey).not.toBe(created.primaryKey);
      expectRefusal(await put(id, agent, {}, `"${created.etag}"`), 412, 'PreconditionFailed');
    });

    test('ignores an etag without quotes, so that it only creates (unproven for identities)', async () => {
      const id = await hub.makeDevice();
      const { etag } = identityOf(await put(id, agent, {}, 'c3RhbGU='));
      expectRefusal(await put(id, agent, {}, etag), 409, 'ModuleAlreadyExistsOnDevice', 'flat');
    });

    test('stores given keys, accepts other authentication types, and changes none to sas', async () => {
      const id = await hub.makeDevice();
      const given = { type: 'sas', symmetricKey: goodKeys };
      expect((await put(id, 'given', { authentication: given })).body).toMatchObject({ authentication: given });
      for (const type of ['certificateAuthority', 'selfSigned'])
        expect((await put(id, type, { authentication: { type } })).body).toMatchObject({ authentication: { type } });
      expect((await put(id, 'none', { authentication: { type: 'none' } })).body).toMatchObject({
        authentication: { type: 'sas' },
      });
    });

    test.each(specialDeviceIds.filter((id) => !id.startsWith('$')))('creates the module %s', async (moduleId) => {
      const id = await hub.makeDevice();
      expect((await put(id, moduleId)).body).toMatchObject({ moduleId });
      expect((await hub.send('GET', modulePath(id, moduleId))).body).toMatchObject({ moduleId });
    });

    test('returns 401 under SAS for a missing or disabled device', async () => {
      const id = await hub.makeDevice();
      const body = { deviceId: id, status: 'disabled' };
      await hub.send('PUT', devicePath(id), { body, headers: { 'if-match': '*' } });
      for (const deviceId of [id, hub.newId()])
        expectRefusal(await put(deviceId), 401, 'IotHubUnauthorizedAccess', 'nested');
    });

    test('creates up to 50 modules on a device (the response to more is unproven)', async () => {
      const id = await hub.makeDevice();
      const body = Array.from({ length: 50 }, (_, index) => ({ id, moduleId: `m${index}`, importMode: 'create' }));
      expect((await hub.send('POST', '/devices', { body })).status).toBe(200);
      expectRefusal(await put(id), 413, 'TooManyModulesOnDevice');
      expect((await hub.send('GET', modulesPath(id))).body).toHaveLength(50);
    });

    emulatorOnly(needs.caps, 'counts against the cap of identities together with the devices', async () => {
      await withEmulator({ maxIdentities: 3 }, async (client, emulator) => {
        for (const deviceId of ['a', 'b']) emulator.hub.createDevice({ deviceId });
        const make = (id: string) =>
          client.send('PUT', `/devices/${id}/modules/m`, { body: { deviceId: id, moduleId: 'm' } });
        expect((await make('a')).status).toBe(200);
        const refused = await make('b');
        expectRefusal(refused, 403, 'IotHubQuotaExceeded');
        expect(refused.body).toMatchObject({ Message: expect.stringContaining('Total number of devices on IotHub') });
        emulator.hub.deleteModule('a', 'm');
        expect((await make('b')).status).toBe(200);
      });
    });

    emulatorOnly(needs.tier, 'is not to be had in a Basic tier (its words are unproven)', async () => {
      await withEmulator({ tier: 'B1' }, async (client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'a' });
        const reply = await client.send('PUT', '/devices/a/modules/m', { body: { deviceId: 'a', moduleId: 'm' } });
        expectRefusal(reply, 403, 'OperationNotAvailableInCurrentTier');
      });
    });
  });
});
