import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import iothub from 'azure-iothub';
import type { Emulator } from '../../../local/emulator/emulator.ts';
import { specialDeviceIds } from '../../../local/emulator/state/seedDevices.ts';
import { withEmulator } from './withEmulator.ts';

const agentModule = 'DefenderIotMicroAgent';

/** Where the SDK keeps its HTTP options; an agent with host and port is how it dials a host name with a port. */
interface Dialing {
  _restApiClient: { setOptions(options: { http: { agent: Agent } }): void };
}

async function withRegistry(work: (registry: iothub.Registry, emulator: Emulator) => Promise<void>): Promise<void> {
  await withEmulator({}, async (_client, emulator) => {
    const ca = readFileSync(emulator.caFile);
    const agent = new Agent({ host: 'localhost', port: emulator.port, ca, keepAlive: true });
    const registry = iothub.Registry.fromConnectionString(emulator.connectionString);
    (registry as unknown as Dialing)._restApiClient.setOptions({ http: { agent } });
    try {
      await work(registry, emulator);
    } finally {
      agent.destroy();
    }
  });
}

describe('The azure-iothub SDK', () => {
  test('the SDK creates, reads, updates and deletes devices and modules with any valid id', async () => {
    await withRegistry(async (registry, emulator) => {
      for (const deviceId of specialDeviceIds) {
        await registry.create({ deviceId });
        await registry.addModule({ deviceId, moduleId: agentModule });
        const { responseBody: modules } = await registry.getModulesOnDevice(deviceId);
        expect(modules.map((module) => module.moduleId)).toEqual([agentModule]);
        const { responseBody: twin } = await registry.getModuleTwin(deviceId, agentModule);
        await twin.update({ properties: { desired: { level: 2 } } });
        expect(emulator.hub.twin(deviceId, agentModule)).toMatchObject({
          properties: { desired: { level: 2, $version: 2 } },
        });
        const { responseBody: module } = await registry.getModule(deviceId, agentModule);
        await registry.updateModule({ ...module, managedBy: 'me' }, true);
        expect(emulator.hub.module(deviceId, agentModule)).toMatchObject({ managedBy: 'me' });
        await registry.removeModule(deviceId, agentModule);
        expect(emulator.hub.modulesOf(deviceId)).toEqual([]);
      }
      await registry.update({ deviceId: "a'b", status: 'disabled' });
      expect(emulator.hub.device("a'b")).toMatchObject({ status: 'disabled' });
      await registry.delete("a'b");
      const { responseBody: statistics } = await registry.getRegistryStatistics();
      expect(statistics).toMatchObject({ totalDeviceCount: specialDeviceIds.length - 1 });
      const { responseBody: listed } = await registry.list();
      expect(listed).toHaveLength(specialDeviceIds.length - 1);
    });
  });

  test('the SDK creates modules in bulk with the empty keys that it sends', async () => {
    await withRegistry(async (registry, emulator) => {
      await registry.addDevices([{ deviceId: 'a' }, { deviceId: 'b' }]);
      await registry.addDevices([
        { deviceId: 'a', moduleId: agentModule },
        { deviceId: 'b', moduleId: agentModule },
      ] as iothub.Registry.DeviceDescription[]);
      expect([...emulator.hub.modules()].map((module) => module.deviceId)).toEqual(['a', 'b']);
      expect(emulator.hub.identity('a', agentModule)).toMatchObject({
        authentication: { type: 'sas', symmetricKey: { primaryKey: expect.stringMatching(/^.{43}=$/) } },
      });
      await registry.removeDevices([{ deviceId: 'a' }], true);
      expect(emulator.hub.counts).toMatchObject({ devices: 1, modules: 1 });
    });
  });

  test('the SDK reads all pages of a query', async () => {
    await withRegistry(async (registry, emulator) => {
      for (let index = 0; index < 25; index += 1) emulator.hub.createDevice({ deviceId: `d${index}` });
      const query = registry.createQuery('SELECT deviceId FROM devices', 10);
      const sizes: number[] = [];
      const ids = new Set<string>();
      while (query.hasMoreResults) {
        const { result } = await query.next(query.continuationToken);
        sizes.push(result.length);
        for (const row of result) ids.add(row.deviceId);
      }
      expect(sizes).toEqual([10, 10, 5]);
      expect(ids.size).toBe(25);
    });
  });

  test.each([
    ['DeviceNotFoundError', (registry: iothub.Registry) => registry.get('none')],
    ['DeviceAlreadyExistsError', (registry: iothub.Registry) => registry.create({ deviceId: 'a' })],
    ['DeviceAlreadyExistsError', (registry: iothub.Registry) => registry.addModule({ deviceId: 'a', moduleId: 'm' })],
    ['UnauthorizedError', (registry: iothub.Registry) => registry.addModule({ deviceId: 'none', moduleId: 'm' })],
    ['InvalidEtagError', (registry: iothub.Registry) => registry.updateModuleTwin('a', 'm', { tags: {} }, 'c3RhbGU=')],
    ['ArgumentError', (registry: iothub.Registry) => registry.createQuery('SELECT * FROM nowhere').next()],
  ])('the SDK throws its %s', async (name, call) => {
    await withRegistry(async (registry, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      emulator.hub.createModule('a', { moduleId: 'm' });
      await expect(call(registry)).rejects.toMatchObject({ name });
    });
  });
});
