import { describe, expect, test } from '@jest/globals';
import { withEmulator } from './withEmulator.ts';

const entry = (id: string, moduleId?: string, more: object = {}) => ({
  id,
  ...(moduleId ? { moduleId } : {}),
  importMode: 'create',
  ...more,
});

describe('A bulk call', () => {
  test('makes modules with their desired properties at once', async () => {
    await withEmulator({}, async (client, emulator) => {
      for (const deviceId of ['a', 'b']) emulator.hub.createDevice({ deviceId });
      const body = ['a', 'b'].map((id) => entry(id, 'm', { properties: { desired: { level: 1 } } }));
      const reply = await client.send('POST', '/devices', { body });
      expect([reply.status, reply.body]).toEqual([200, { isSuccessful: true, errors: [], warnings: [] }]);
      expect(emulator.hub.twin('b', 'm')).toMatchObject({
        version: 2,
        properties: { desired: { level: 1, $version: 1 } },
      });
      expect(emulator.counters()).toMatchObject({ modulesCreated: 2, devicesCreated: 0, registryOperations: 2 });
    });
  });

  test('does what it can and names each identity that it cannot', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'has' });
      emulator.hub.createModule('has', { moduleId: 'm' });
      emulator.hub.createDevice({ deviceId: 'off', status: 'disabled' });
      emulator.hub.createDevice({ deviceId: 'good' });
      const before = emulator.hub.keyHash('has', 'm');
      const body = ['has', 'missing', 'off', 'good'].map((id) => entry(id, 'm'));
      const reply = await client.send('POST', '/devices', { body });
      expect(reply.status).toBe(400);
      expect(reply.headers['iothub-errorcode']).toBe('BulkRegistryOperationFailure');
      const error = (deviceId: string, errorCode: string) => ({
        deviceId,
        moduleId: 'm',
        errorCode,
        errorStatus: expect.any(String),
        operation: 'create',
      });
      expect(reply.body).toEqual({
        isSuccessful: false,
        errors: [
          error('has', 'ModuleAlreadyExistsOnDevice'),
          error('missing', 'DeviceNotFound'),
          error('off', 'IotHubUnauthorizedAccess'),
        ],
        warnings: [],
      });
      expect(emulator.hub.module('good', 'm')).toBeDefined();
      expect(emulator.hub.keyHash('has', 'm')).toBe(before);
    });
  });

  test('knows every import mode for devices and modules', async () => {
    await withEmulator({}, async (client, emulator) => {
      const { hub } = emulator;
      const run = async (...body: object[]) => (await client.send('POST', '/devices', { body })).body;
      const good = { isSuccessful: true };
      expect(
        await run(
          entry('a', undefined, { tags: { site: 'cork' } }),
          entry('b', undefined, { importMode: 'createOrUpdate' }),
        ),
      ).toMatchObject(good);
      expect(hub.twin('a')).toMatchObject({ tags: { site: 'cork' } });
      expect(await run(entry('a', 'm', { importMode: 'createOrUpdate', managedBy: 'x' }))).toMatchObject(good);
      expect(await run(entry('a', 'm', { importMode: 'createOrUpdate', managedBy: 'y' }))).toMatchObject(good);
      expect(hub.module('a', 'm')).toMatchObject({ managedBy: 'y' });
      expect(await run(entry('a', undefined, { importMode: 'Update', status: 'disabled' }))).toMatchObject(good);
      expect(hub.device('a')).toMatchObject({ status: 'disabled' });
      const { etag } = hub.identity('a');
      expect(await run(entry('a', undefined, { importMode: 'UpdateIfMatchETag', eTag: 'c3RhbGU=' }))).toMatchObject({
        errors: [{ errorCode: 'PreconditionFailed' }],
      });
      expect(await run(entry('a', undefined, { importMode: 'UpdateIfMatchETag', eTag: etag }))).toMatchObject(good);
      expect(await run(entry('a', 'm', { importMode: 'updateTwin', tags: { n: 1 } }))).toMatchObject(good);
      expect(
        await run(entry('a', 'm', { importMode: 'updateTwinIfMatchETag', twinETag: 'AAAAAAAAAAE=', tags: { n: 2 } })),
      ).toMatchObject({
        errors: [{ errorCode: 'PreconditionFailed' }],
      });
      expect(hub.twin('a', 'm')).toMatchObject({ tags: { n: 1 } });
      expect(
        await run(entry('a', 'm', { importMode: 'deleteIfMatchETag', eTag: hub.identity('a', 'm').etag })),
      ).toMatchObject(good);
      expect(await run(entry('b', undefined, { importMode: 'Delete' }))).toMatchObject(good);
      expect(hub.counts).toMatchObject({ devices: 1, modules: 0 });
    });
  });

  test.each([
    [400, 'ArgumentInvalid', []],
    [400, 'ArgumentInvalid', { devices: [] }],
    [400, 'ArgumentInvalid', [null]],
    [400, 'ArgumentInvalid', [{ id: 'a' }]],
    [400, 'ArgumentInvalid', [{ id: '..', importMode: 'create' }]],
    [400, 'ArgumentInvalid', [{ id: 'a', moduleId: 1, importMode: 'create' }]],
    [400, 'DeviceDefinedMultipleTimes', [entry('a', 'm'), entry('a', 'm')]],
    [413, 'TooManyDevices', Array.from({ length: 101 }, (_, index) => entry(`d${index}`))],
  ])('is refused whole, %i %s: %j', async (status, code, body) => {
    await withEmulator({}, async (client, emulator) => {
      const reply = await client.send('POST', '/devices', { body });
      expect([reply.status, reply.headers['iothub-errorcode']]).toEqual([status, code]);
      expect(emulator.hub.counts.devices).toBe(0);
    });
  });
});
