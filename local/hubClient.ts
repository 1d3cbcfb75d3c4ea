import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import iothub, { type Registry } from 'azure-iothub';

/** A client of a hub's service REST API, independent of the app, to check results on the hub itself. */
export interface HubClient {
  createDevice(deviceId: string): Promise<void>;
  hasModule(deviceId: string, moduleId: string): Promise<boolean>;
  /** Every device, and whether it is an Edge device; may lag behind like every query. */
  listDevices(): AsyncGenerator<{ deviceId: string; edge: boolean }>;
  /** Closes the connections. */
  close(): void;
}

/** Connects to a hub. `caFile`: PEM file of the authority that signed the hub's certificate. */
export async function hubClient(connectionString: string, caFile: string): Promise<HubClient> {
  const registry = iothub.Registry.fromConnectionString(connectionString);
  const { hostname: host, port } = new URL(`https://${/HostName=([^;]+)/.exec(connectionString)?.[1] ?? ''}`);
  // Host and port go into the agent, whose options override the request's: the SDK treats `host:port` as a host name.
  const agent = new Agent({ host, port: Number(port), ca: await readFile(caFile), keepAlive: true });
  (registry as unknown as { _restApiClient: { setOptions(options: object): void } })._restApiClient.setOptions({
    http: { agent },
  });
  return {
    createDevice: async (deviceId) => {
      await registry.create({ deviceId });
    },
    hasModule: (deviceId, moduleId) => hasModule(registry, deviceId, moduleId),
    listDevices: () => listDevices(registry),
    close: () => agent.destroy(),
  };
}

async function hasModule(registry: Registry, deviceId: string, moduleId: string): Promise<boolean> {
  try {
    await registry.getModuleTwin(deviceId, moduleId);
    return true;
  } catch (error) {
    if ((error as { response?: { statusCode?: number } }).response?.statusCode === 404) return false;
    throw error;
  }
}

async function* listDevices(registry: Registry): AsyncGenerator<{ deviceId: string; edge: boolean }> {
  const query = registry.createQuery('SELECT deviceId, capabilities FROM devices', 1000);
  do {
    // The token must be passed: without an argument the SDK reads the first page again.
    const { result } = await query.next(query.continuationToken);
    for (const { deviceId, capabilities } of result as { deviceId: string; capabilities?: { iotEdge?: boolean } }[]) {
      yield { deviceId, edge: capabilities?.iotEdge === true };
    }
  } while (query.hasMoreResults);
}
