import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { keeperApi } from '../../../cli/api/keeperApi.ts';

const key = 'a-secret-key';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function apiOf(listener: RequestListener) {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return keeperApi({ url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}`, key });
}

const answering = (status: number, contentType: string, body: string) =>
  apiOf((_request, response) => response.writeHead(status, { 'content-type': contentType }).end(body));

const problem = (status: number, type: string, more: object = {}) =>
  answering(
    status,
    'application/problem+json',
    JSON.stringify({ type: `urn:module-keeper:${type}`, title: 'Title', detail: 'Detail.', ...more }),
  );

describe('keeperApi', () => {
  test('sends the key in its header and not in the address', async () => {
    const requests: { url: string | undefined; header: unknown }[] = [];
    const api = await apiOf(({ url, headers }, response) => {
      requests.push({ url, header: headers['x-functions-key'] });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
    await api.json('GET', '/api/hubs');
    expect(requests).toEqual([{ url: '/api/hubs', header: key }]);
  });

  test.each([
    [404, 'unknown-hub', 1],
    [409, 'paused', 1],
    [400, 'bad-query', 1],
    [429, 'limited', 3],
    [503, 'misconfigured', 3],
  ])('turns the problem %i %s into exit code %i', async (status, type, exitCode) => {
    const api = await problem(status, type, { errors: [{ field: 'hubs', message: 'Write it so.' }] });
    await expect(api.json('GET', '/api/hubs')).rejects.toMatchObject({
      exitCode,
      type,
      message: `Title. Detail.\n  hubs: Write it so.${type === 'unknown-hub' ? '\nkeeper hubs lists the hubs of the app.' : ''}`,
    });
  });

  test.each([
    [401, 'refuses the key of KEEPER_KEY'],
    [404, 'has no GET /api/hubs'],
    [302, 'redirects to another address'],
    [502, 'answered HTTP 502'],
  ])('turns an answer %i without problem details into exit code 3', async (status, message) => {
    const api = await apiOf((_request, response) =>
      response.writeHead(status, { location: 'https://elsewhere.example/' }).end(),
    );
    await expect(api.json('GET', '/api/hubs?hub=a')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(message),
    });
  });

  test.each([
    ['text/html', '<html>', 'no JSON'],
    ['application/json', '{', 'broken JSON'],
  ])('turns a page of %s into exit code 3', async (contentType, body, message) => {
    const api = await answering(200, contentType, body);
    await expect(api.json('GET', '/api/hubs')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining(message),
    });
  });

  test('turns an app that cannot be reached into exit code 3, and names neither its address nor the key', async () => {
    const api = keeperApi({ url: 'http://127.0.0.1:9', key });
    await expect(api.json('GET', '/api/hubs')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('cannot be reached'),
    });
    await expect(api.json('GET', '/api/hubs')).rejects.not.toThrow(/127\.0\.0\.1|secret/);
  });

  test('says to check the scheme of KEEPER_URL if an app that speaks HTTP is called by https://', async () => {
    await answering(200, 'application/json', '{}');
    const { port } = (server as Server).address() as AddressInfo;
    await expect(keeperApi({ url: `https://127.0.0.1:${port}`, key }).json('GET', '/api/hubs')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('check whether KEEPER_URL must begin with https:// or http://'),
    });
  });
});
