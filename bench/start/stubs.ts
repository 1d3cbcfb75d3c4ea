import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../../local/emulator/http/certificate.ts';

/** A hub that only hears what it is asked first, and a place for telemetry; both in this process. */
export interface Stubs {
  hubConnectionString: string;
  telemetryConnectionString: string;
  caFile: string;
  /** Resolves with the method and path of the next request to the hub, and the moment when it came. */
  nextHubRequest(): Promise<{ call: string; atMs: number }>;
  close(): Promise<void>;
}

/** No secret: the stub looks at no token. */
const anyKey = Buffer.alloc(32).toString('base64');

export async function startStubs(): Promise<Stubs> {
  const certificate = await makeCertificate();
  let heard: (request: { call: string; atMs: number }) => void = () => undefined;
  const tls = { key: certificate.key, cert: certificate.certificate };
  const hub = createServer(tls, (request) => {
    // Never answered: the one who waits ends the process that asks.
    heard({ call: `${request.method} ${request.url}`, atMs: performance.now() });
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
        heard = resolve;
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
