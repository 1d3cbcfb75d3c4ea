import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { TokenCredential } from '@azure/identity';
import type { Registry as SdkRegistry } from 'azure-iothub';
import type { HubConfig } from '../config/config.ts';
import { HubAgent } from './hubAgent.ts';

/**
 * How long a hub may say nothing within a call. Throttled hubs were seen to hold a request for 40 s before their 429
 * (Azure-Samples/Iot-Telemetry-Simulator#39), and giving up earlier would only repeat the work.
 */
export const defaultIdleTimeoutMs = 60_000;

/** The SDK's registry for this hub, loaded on first use. */
export async function connectHub(
  hub: HubConfig,
  credential: () => Promise<TokenCredential>,
  idleTimeoutMs: number,
): Promise<SdkRegistry> {
  const { Registry } = await import('./sdkRegistry.ts');
  const sdk =
    hub.auth.kind === 'sas'
      ? Registry.fromConnectionString(hub.auth.connectionString)
      : Registry.fromTokenCredential(hub.hostName, await credential());
  // The registry's public surface lets its REST client be neither configured nor mended.
  const { _restApiClient: client } = sdk as unknown as { _restApiClient: RestApiClient };
  client.setOptions({ http: { agent: new HubAgent(hub.hostName, idleTimeoutMs) } });
  mend(client);
  return sdk;
}

type Done = (error: unknown, result?: unknown, response?: unknown) => void;

/** What we need of `azure-iothub`'s own REST client (1.16.6). */
interface RestApiClient {
  setOptions(options: { http: { agent: HubAgent } }): void;
  executeApiCall(
    method: string,
    path: string,
    headers: unknown,
    body: unknown,
    options: { request: typeof requestUtf8 },
    done: Done,
  ): void;
}

/**
 * The SDK builds its objects inside the socket's callback, where a 200 without a body, or a twin without its id, would
 * throw outside of every promise and end the process. Here such an answer fails its own call instead.
 */
function mend(client: RestApiClient): void {
  const execute = client.executeApiCall.bind(client);
  // The SDK itself calls it without options, so `done` comes in their place.
  client.executeApiCall = (method, path, headers, body, ...rest: unknown[]) => {
    const done = rest.at(-1) as Done;
    execute(method, path, headers, body, { request: requestUtf8 }, (error, result, response) => {
      try {
        done(error, result, response);
      } catch (thrown) {
        done(thrown);
      }
    });
  };
}

/** The SDK turns each chunk into text by itself, which would break a character that lies across two of them. */
function requestUtf8(options: RequestOptions, onResponse: (response: IncomingMessage) => void) {
  return httpsRequest(options, (response) => onResponse(response.setEncoding('utf8')));
}
