import { readFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import iothub from 'azure-iothub';

/** A client of a hub's service REST API, independent of the app. */
export interface HubClient {
  createDevice(deviceId: string): Promise<void>;
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
    close: () => agent.destroy(),
  };
}
