import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BodyTooLargeError, type HttpCall, type HttpResponse, textResponse } from './httpResponse.ts';

/** `FUNCTIONS_REQUEST_BODY_SIZE_LIMIT`'s default: 100 MB. */
const defaultMaxBodyBytes = 104_857_600;

export interface HttpServer {
  url: string;
  /** Takes no new connection from now on; resolves when every request under way is answered. */
  stopListening(): Promise<void>;
  /** Takes no connection any more and cuts those still open. */
  close(): void;
}

/**
 * Serves `answer` on the address. An answer that throws is a 500 without a body, as the host gives it for a function
 * that fails. @throws the listen error (EADDRINUSE and the like), with the port in its message.
 */
export async function startHttpServer(
  options: { port: number; address: string; bodyLimitBytes?: number },
  answer: (call: HttpCall) => Promise<HttpResponse>,
): Promise<HttpServer> {
  const limit = options.bodyLimitBytes ?? defaultMaxBodyBytes;
  const underWay = new Set<Promise<unknown>>();
  const server = createServer((request, response) => {
    const answered = new Promise((resolve) => response.once('close', resolve));
    underWay.add(answered);
    response.once('close', () => underWay.delete(answered));
    void respond(request, response);
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = requestUrl(request);
    if (!url) return write(response, textResponse(400, 'The request target is not a path.'));
    try {
      const headers = Object.fromEntries(
        Object.entries(request.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
      );
      const readBody = (): Promise<Buffer> => readAll(request, limit);
      write(response, await answer({ method: request.method ?? 'GET', url, headers, readBody }));
    } catch (error) {
      write(response, error instanceof BodyTooLargeError ? textResponse(413, error.message) : { status: 500 });
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
      while (underWay.size > 0) await Promise.all(underWay);
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
  const tooLarge = new BodyTooLargeError(`The request body is larger than ${limitBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open when it is too long, or the connection would be cut before the 413 is on its way.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function write(response: ServerResponse, answer: HttpResponse): void {
  if (response.headersSent || response.destroyed) return;
  // A body that nobody read must not be taken for the next request on this connection.
  if (!response.req.complete) response.setHeader('connection', 'close');
  response.writeHead(answer.status, answer.headers);
  response.end(answer.status === 204 || answer.status === 304 ? undefined : answer.body);
}
