import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../../local/emulator/http/certificate.ts';

/** A hub that records its next request and never responds, and an ingestion endpoint; both in this process. */
export interface Stubs {
  hubConnectionString: string;
  telemetryConnectionString: string;
  caFile: string;
  /** Resolves with the method and path of the next request to the hub, and the time when it came. */
  nextHubRequest(): Promise<{ call: string; atMs: number }>;
  close(): Promise<void>;
}

/** Not a secret: the stub checks no token. */
const anyKey = Buffer.alloc(32).toString('base64');

/** Starts both servers on free ports. */
export async function startStubs(): Promise<Stubs> {
  const certificate = await makeCertificate();
  let onHubRequest: (request: { call: string; atMs: number }) => void = () => undefined;
  const tls = { key: certificate.key, cert: certificate.certificate };
  const hub = createServer(tls, (request) => {
    // No response: the benchmark kills the process that sent the request.
    onHubRequest({ call: `${request.method} ${request.url}`, atMs: performance.now() });
  });
  const telemetry = createServer(tls, (request, response) => {
    request.resume().on('end', () => response.end('{"itemsReceived":0,"itemsAccepted":0,"errors":[]}'));
  });
  const portOf = async (server: Server): Promise<number> => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const [hubPort, telemetryPort] = [await portOf(hub), await portOf(telemetry)];
  const telemetryUrl = `https://localhost:${telemetryPort}/`;
  return {
    hubConnectionString: `HostName=localhost:${hubPort};SharedAccessKeyName=iothubowner;SharedAccessKey=${anyKey}`,
    telemetryConnectionString: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=${telemetryUrl};LiveEndpoint=${telemetryUrl}`,
    caFile: certificate.caFile,
    nextHubRequest: () =>
      new Promise((resolve) => {
        onHubRequest = resolve;
      }),
    close: async () => {
      for (const server of [hub, telemetry]) {
        server.close();
        server.closeAllConnections();
      }
      await certificate.remove();
    },
  };
}
