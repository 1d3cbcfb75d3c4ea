import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { storageAgent } from '../../../shared/storage/storageAgent.ts';

const idleTimeoutMs = 200;

describe('a connection to storage', () => {
  const sockets = new Set<Socket>();
  /** Takes every connection, sends what `greeting` says once it hears something, and then nothing more. */
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

  /** Why a request to the server came to nothing, and after how long. */
  async function endOf(protocol: 'http:' | 'https:'): Promise<{ code: unknown; afterMs: number }> {
    const { port } = server.address() as AddressInfo;
    const startedAt = Date.now();
    const request = protocol === 'http:' ? httpRequest : httpsRequest;
    const code = await new Promise((resolve) => {
      const failed = (error: NodeJS.ErrnoException) => resolve(error.code);
      request({ host: '127.0.0.1', port, agent: storageAgent(protocol, idleTimeoutMs) }, (answer) => {
        answer.on('error', failed).resume();
      })
        .on('error', failed)
        .end();
    });
    return { code, afterMs: Date.now() - startedAt };
  }

  test.each([
    ['before its handshake ends', 'https:', ''],
    ['before its answer begins', 'http:', ''],
    ['in the midst of its answer', 'http:', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of it'],
  ] as const)('that falls silent %s is ended', async (_when, protocol, greets) => {
    greeting = greets;
    const { code, afterMs } = await endOf(protocol);
    expect(code).toBe('ETIMEDOUT');
    expect(afterMs).toBeGreaterThanOrEqual(idleTimeoutMs - 5);
    expect(afterMs).toBeLessThan(5_000);
  });
});
