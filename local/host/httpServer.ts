import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type HttpCall, type HttpResponse, textResponse } from './httpResponse.ts';

/** 100 MB, the default of `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`. */
const defaultMaxBodyBytes = 104_857_600;

/** A listening server. */
export interface HttpServer {
  url: string;
  /** Accepts no new connections; resolves when every open request has its response. */
  stopListening(): Promise<void>;
  /** Accepts no new connections and closes the open ones. */
  close(): void;
}

/**
 * Serves requests with `handle`. If `handle` rejects, the response is a 500 without a body, as the host sends it for a failed
 * function and for a body over the limit; a path with `%00` gets a 400 without a body (all measured). Rejects if the server
 * cannot listen, for example with EADDRINUSE, with the port in the message.
 */
export async function startHttpServer(
  options: { port: number; address: string; bodyLimitBytes?: number; onError?: (error: unknown) => void },
  handle: (call: HttpCall) => Promise<HttpResponse>,
): Promise<HttpServer> {
  const limit = options.bodyLimitBytes ?? defaultMaxBodyBytes;
  const openRequests = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    const ended = new Promise((resolve) => response.once('close', resolve));
    openRequests.add(ended);
    response.once('close', () => openRequests.delete(ended));
    void respond(request, response);
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = requestUrl(request);
    if (!url) return write(response, textResponse(400, 'The request target is not a path.'));
    if (/%00/.test(url.pathname)) return write(response, { status: 400 });
    try {
      const headers = Object.fromEntries(
        Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
      );
      const readBody = (): Promise<Buffer> => readAll(request, limit);
      write(response, await handle({ method: request.method ?? 'GET', url, headers, readBody }));
    } catch (error) {
      options.onError?.(error);
      write(response, { status: 500 });
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.address, () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const host = options.address.includes(':') ? `[${options.address}]` : options.address;
  return {
    url: `http://${host}:${port}`,
    stopListening: async () => {
      server.close();
      while (openRequests.size > 0) await Promise.all(openRequests);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function requestUrl(request: IncomingMessage): URL | undefined {
  const target = request.url ?? '';
  const whole = `http://${request.headers.host ?? 'localhost'}${target}`;
  return target.startsWith('/') && URL.canParse(whole) ? new URL(whole) : undefined;
}

async function readAll(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const tooLarge = new Error(`The request body is larger than ${limitBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  // If the body is too long, the connection must stay open until the 500 is sent.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function write(outgoing: ServerResponse, { status, headers, body }: HttpResponse): void {
  if (outgoing.headersSent || outgoing.destroyed) return;
  // An unread body must not be parsed as the next request on this connection.
  if (!outgoing.req.complete) outgoing.setHeader('connection', 'close');
  outgoing.writeHead(status, headers);
  outgoing.end(status === 204 || status === 304 ? undefined : body);
}
