import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storageAgent } from '../../../shared/storage/storageAgent.ts';

const idleTimeoutMs = 200;

describe('a connection of storageAgent', () => {
  const sockets = new Set<Socket>();
  /** The server sends it after the first data of a connection, and then nothing more. */
  let greeting = '';
  let server: Server;

  beforeAll(async () => {
    server = createServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => socket.write(greeting));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  /** Returns the error code of a request to the server, and after what time it failed. */
  async function endOf(protocol: 'http:' | 'https:'): Promise<{ code: unknown; afterMs: number }> {
    const { port } = server.address() as AddressInfo;
    const startedAt = Date.now();
    const request = protocol === 'http:' ? httpRequest : httpsRequest;
    const code = await new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException) => resolve(error.code);
      request({ host: '127.0.0.1', port, agent: storageAgent(protocol, idleTimeoutMs) }, (response) => {
        response.on('error', failed).resume();
      })
        .on('error', failed)
        .end();
    });
    return { code, afterMs: Date.now() - startedAt };
  }

  test.each([
    ['during the handshake', 'https:', ''],
    ['before the response', 'http:', ''],
    ['within the response', 'http:', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it'],
  ] as const)('fails after the idle timeout %s', async (_when, protocol, serverSends) => {
    greeting = serverSends;
    const { code, afterMs } = await endOf(protocol);
    expect(code).toBe('ETIMEDOUT');
    expect(afterMs).toBeGreaterThanOrEqual(idleTimeoutMs - 5);
  });
});
