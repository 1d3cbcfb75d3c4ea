import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface SeenRequest {
  method: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface FakeEndpoint {
  url: string;
  seen: SeenRequest[];
  /** The status for a notification; a promise delays the response. Handshakes always succeed. */
  statusFor: (request: SeenRequest) => number | Promise<number>;
  close(): Promise<void>;
}

/** Starts a real HTTP endpoint that passes both handshakes and responds to notifications with `statusFor`. */
export async function startFakeEndpoint(): Promise<FakeEndpoint> {
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const seen = { method: request.method ?? '', headers: request.headers, body };
      endpoint.seen.push(seen);
      if (request.method === 'OPTIONS') {
        response.setHeader('Webhook-Allowed-Origin', 'eventgrid.azure.net').end();
      } else if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        response.end(JSON.stringify({ validationResponse: JSON.parse(body)[0].data.validationCode }));
      } else {
        response.statusCode = await endpoint.statusFor(seen);
        response.end();
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: FakeEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen: [],
    statusFor: () => 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return endpoint;
}
