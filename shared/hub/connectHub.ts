import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { TokenCredential } from '@azure/identity';
import type { Registry as SdkRegistry } from 'azure-iothub';
import type { HubConfig } from '../config/config.ts';
import { HubAgent } from './hubAgent.ts';

/**
 * Idle timeout of a connection during a call. A hub may hold a throttled request for up to 40 s before it responds with 429
 * (observed: Azure-Samples/Iot-Telemetry-Simulator#39); with a shorter timeout the call would only be repeated.
 */
export const defaultIdleTimeoutMs = 60_000;

/** Creates the SDK's registry for this hub; loads the SDK on first use. Rejects with the error of `credential` or of the SDK. */
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
  // The SDK's public API cannot configure its REST client.
  const { _restApiClient: client } = sdk as unknown as { _restApiClient: RestApiClient };
  client.setOptions({ http: { agent: new HubAgent(hub.hostName, idleTimeoutMs) } });
  catchCallbackErrors(client);
  return sdk;
}

type Done = (error: unknown, result?: unknown, response?: unknown) => void;

/** The members used of the REST client inside `azure-iothub` (1.16.6). */
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
 * Fixes an SDK fault: it parses responses inside the socket's callback, so a 200 without a body, or a twin without its id,
 * throws outside of every promise and ends the process. With this fix such a response fails only its own call.
 */
function catchCallbackErrors(client: RestApiClient): void {
  const execute = client.executeApiCall.bind(client);
  // The SDK omits `options`, so `done` is the last argument.
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

/** The SDK decodes each chunk separately, which corrupts a character split across two chunks; this decodes the stream. */
function requestUtf8(options: RequestOptions, onResponse: (response: IncomingMessage) => void) {
  return httpsRequest(options, (response) => onResponse(response.setEncoding('utf8')));
}
