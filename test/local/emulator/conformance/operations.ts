import { agent, type HubUnderTest } from './hubUnderTest.ts';
import { devicePath, modulePath, modulesPath, twinPath } from './paths.ts';

/** The rights of access policies (Microsoft: "Control access to IoT Hub by using shared access signatures"). */
export type Right = 'RegistryRead' | 'RegistryWrite' | 'ServiceConnect' | 'DeviceConnect';

/** One operation of the API, as a call that succeeds with the required right. */
export interface OperationCall {
  name: string;
  right: Right;
  /** A new call each time, so that a successful one does not affect the next. */
  prepare(
    hub: HubUnderTest,
  ): Promise<{ method: string; path: string; body?: unknown; headers?: Record<string, string> }>;
}

const any = { 'if-match': '*' };

async function device(hub: HubUnderTest): Promise<string> {
  return hub.makeDevice();
}

async function module(hub: HubUnderTest): Promise<string> {
  const id = await hub.makeDevice();
  await hub.makeModule(id);
  return id;
}

/** Every operation of the emulator except jobs, with the right that Microsoft's table requires. */
export const operations: readonly OperationCall[] = [
  { name: 'list devices', right: 'RegistryRead', prepare: async () => ({ method: 'GET', path: '/devices?top=1' }) },
  {
    name: 'get device',
    right: 'RegistryRead',
    prepare: async (hub) => ({ method: 'GET', path: devicePath(await device(hub)) }),
  },
  {
    name: 'put device',
    right: 'RegistryWrite',
    prepare: async (hub) => {
      const deviceId = hub.newId();
      return { method: 'PUT', path: devicePath(deviceId), body: { deviceId } };
    },
  },
  {
    name: 'delete device',
    right: 'RegistryWrite',
    prepare: async (hub) => ({ method: 'DELETE', path: devicePath(await device(hub)), headers: any }),
  },
  {
    name: 'list modules',
    right: 'RegistryRead',
    prepare: async (hub) => ({ method: 'GET', path: modulesPath(await module(hub)) }),
  },
  {
    name: 'get module',
    right: 'RegistryRead',
    prepare: async (hub) => ({ method: 'GET', path: modulePath(await module(hub), agent) }),
  },
  {
    name: 'put module',
    right: 'RegistryWrite',
    prepare: async (hub) => {
      const deviceId = await device(hub);
      return { method: 'PUT', path: modulePath(deviceId, agent), body: { deviceId, moduleId: agent } };
    },
  },
  {
    name: 'delete module',
    right: 'RegistryWrite',
    prepare: async (hub) => ({ method: 'DELETE', path: modulePath(await module(hub), agent), headers: any }),
  },
  {
    name: 'bulk',
    right: 'RegistryWrite',
    prepare: async (hub) => ({ method: 'POST', path: '/devices', body: [{ id: hub.newId(), importMode: 'create' }] }),
  },
  {
    name: 'query',
    right: 'ServiceConnect',
    prepare: async () => ({
      method: 'POST',
      path: '/devices/query',
      body: { query: 'SELECT COUNT() AS n FROM devices' },
    }),
  },
  { name: 'statistics', right: 'RegistryRead', prepare: async () => ({ method: 'GET', path: '/statistics/devices' }) },
  {
    name: 'service statistics', // the right is unproven
    right: 'RegistryRead',
    prepare: async () => ({ method: 'GET', path: '/statistics/service' }),
  },
  ...(['GET', 'PATCH', 'PUT'] as const).flatMap((method): OperationCall[] => {
    const body = method === 'GET' ? {} : { body: { tags: { n: 1 } } };
    const verb = method.toLowerCase();
    return [
      {
        name: `${verb} device twin`,
        right: 'ServiceConnect',
        prepare: async (hub) => ({ method, path: twinPath(await device(hub)), ...body }),
      },
      {
        name: `${verb} module twin`,
        right: 'ServiceConnect',
        prepare: async (hub) => ({ method, path: twinPath(await module(hub), agent), ...body }),
      },
    ];
  }),
];
