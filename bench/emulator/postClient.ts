import type { IncomingHttpHeaders } from 'node:http';
import { Agent, request } from 'node:https';
import type { ChildServer } from './childServer.ts';

/** A response with its time. */
export interface PostReply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** From the ready connection (without handshake) to the last byte received. */
  tookMs: number;
}

/** Posts JSON to a server over `connections` open connections, or over a new one for each request. */
export class PostClient {
  private readonly server: ChildServer;
  private readonly headers: Readonly<Record<string, string>>;
  private readonly agent: Agent;

  constructor(server: ChildServer, headers: Readonly<Record<string, string>>, connections: number | 'new each time') {
    this.server = server;
    this.headers = headers;
    const { ca } = server;
    this.agent =
      connections === 'new each time'
        ? new Agent({ ca, keepAlive: false, maxCachedSessions: 0 })
        : new Agent({ ca, keepAlive: true, maxSockets: connections });
  }

  post(path: string, body: Buffer, headers: Readonly<Record<string, string>> = {}): Promise<PostReply> {
    let startMs = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: 'localhost',
          port: this.server.port,
          agent: this.agent,
          method: 'POST',
          path,
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'content-length': body.length,
            ...this.headers,
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const tookMs = performance.now() - startMs;
            const status = response.statusCode ?? 0;
            resolve({ status, headers: response.headers, body: Buffer.concat(chunks), tookMs });
          });
        },
      );
      outgoing.on('socket', (socket) => {
        if (outgoing.reusedSocket) return;
        socket.once('secureConnect', () => {
          startMs = performance.now();
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
