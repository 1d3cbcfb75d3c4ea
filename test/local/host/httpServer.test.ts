import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { HttpCall, HttpResponse } from '../../../local/host/httpResponse.ts';
import { type HttpServer, startHttpServer } from '../../../local/host/httpServer.ts';

let server: HttpServer | undefined;
afterEach(() => server?.close());

async function start(handle: (call: HttpCall) => Promise<HttpResponse>): Promise<HttpServer> {
  server = await startHttpServer({ port: 0, address: '127.0.0.1', bodyLimitBytes: 1_000 }, handle);
  return server;
}

/** Sends raw text, since HTTP clients refuse invalid requests; resolves with the first line of the response. */
function firstLine(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('error', reject).once('data', (data) => {
      resolve(data.toString().split('\r\n')[0] ?? '');
      socket.destroy();
    });
  });
}

describe('the HTTP server', () => {
  test('the server returns 500 for a streamed body that is too long, and continues to serve', async () => {
    const { url } = await start(async (call) => ({ status: 200, body: String((await call.readBody()).length) }));
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(url, { method: 'POST' });
      request.on('response', (response) => resolve(response.statusCode)).on('error', reject);
      request.write(Buffer.alloc(600));
      request.write(Buffer.alloc(600));
    });
    expect(status).toBe(500);
    const fits = await fetch(url, { method: 'POST', body: Buffer.alloc(1_000) });
    expect(await fits.text()).toBe('1000');
  });

  test('the server returns 500 if the handler throws or the response cannot be written', async () => {
    const { url } = await start(async ({ url: { pathname } }) => {
      if (pathname === '/throws') throw new Error('no');
      return { status: 200, headers: { 'x-bad': 'line\nbreak' } };
    });
    expect((await fetch(`${url}/throws`)).status).toBe(500);
    expect((await fetch(`${url}/bad-header`)).status).toBe(500);
  });

  test('the server joins the values of a repeated header, with names in lower case', async () => {
    const { url } = await start(async ({ headers }) => ({ status: 200, body: headers['x-test'] ?? '' }));
    const headers = new Headers([
      ['X-Test', 'a'],
      ['x-test', 'b'],
    ]);
    expect(await (await fetch(url, { headers })).text()).toBe('a, b');
  });

  test('the server takes no host from a request target', async () => {
    const seen: string[] = [];
    const { url } = await start(async (call) => {
      seen.push(`${call.url.host}${call.url.pathname}`);
      return { status: 200 };
    });
    expect(await firstLine(url, 'GET //evil.example/x HTTP/1.1\r\nHost: good\r\n\r\n')).toContain('200');
    expect(seen).toEqual(['good//evil.example/x']);
    expect(await firstLine(url, 'GET http://evil.example/ HTTP/1.1\r\nHost: good\r\n\r\n')).toContain('400');
    expect(await firstLine(url, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n')).toContain('400');
  });

  test('stopListening stops at once and resolves when open requests have their responses', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    let begin = (): void => undefined;
    const began = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const running = await start(async () => {
      begin();
      await released;
      return { status: 200, body: 'in the end' };
    });
    const underWay = fetch(running.url).then((response) => response.text());
    await began;
    const stopped = running.stopListening();
    await expect(fetch(running.url, { headers: { connection: 'close' } })).rejects.toThrow('fetch failed');
    release();
    expect(await underWay).toBe('in the end');
    await stopped;
  });
});
