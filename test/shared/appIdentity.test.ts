import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppHost } from '../../shared/app.ts';
import { isStorageOutage } from '../../shared/storage/storageStatus.ts';

const ours = '11111111-2222-3333-4444-555555555555';
const general = '99999999-8888-7777-6666-555555555555';

describe('the managed identity of the app', () => {
  const before = { ...process.env };
  let endpoint: Server;
  /** The requests to the identity endpoint of App Service. */
  let requests: { resource: string | null; clientId: string | null }[];
  /** What the endpoint answers. */
  let status = 400;

  // One server for all tests, because the identity SDK caches the first endpoint that it finds.
  beforeAll(async () => {
    endpoint = createServer((request, response) => {
      const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
      requests.push({ resource: searchParams.get('resource'), clientId: searchParams.get('client_id') });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"no such identity"}');
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    process.env.IDENTITY_ENDPOINT = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/token`;
    process.env.IDENTITY_HEADER = 'header';
  });

  beforeEach(() => {
    requests = [];
    status = 400;
  });

  afterAll(() => {
    process.env = { ...before };
    endpoint.close();
    endpoint.closeAllConnections();
  });

  /** Lets the app read a device and a lease, which fails; returns the client id of each token request, by resource. */
  async function identitiesFor(settings: Record<string, string>): Promise<unknown> {
    const app = await new AppHost({
      IOTHUB_HOSTNAME: 'contoso.azure-devices.net',
      AzureWebJobsStorage__accountName: 'contosokeeper',
      ...settings,
    }).app();
    const refused = await app.hubs
      .get('contoso')
      ?.registry.getDevice('a')
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ name: 'HubError', kind: 'unauthorized', code: 'NoToken' });
    await expect(app.leases.isHeld('contoso')).rejects.toThrow();
    return Object.fromEntries(requests.map(({ resource, clientId }) => [resource, clientId]));
  }

  test.each([
    ['that of the storage settings', ours, { AzureWebJobsStorage__clientId: ours }],
    ['that of AZURE_CLIENT_ID', general, {}],
  ])('is %s for hub and storage alike', async (_which, clientId, settings) => {
    process.env.AZURE_CLIENT_ID = general;
    expect(await identitiesFor(settings)).toEqual({
      'https://iothubs.azure.net': clientId,
      'https://storage.azure.com': clientId,
    });
  });

  test('is the system-assigned identity if no client id is set', async () => {
    delete process.env.AZURE_CLIENT_ID;
    expect(await identitiesFor({})).toEqual({
      'https://iothubs.azure.net': null,
      'https://storage.azure.com': null,
    });
  });

  test('is created at the next call if a call before failed to create it, and so is the app', async () => {
    const host = new AppHost({
      IOTHUB_HOSTNAME: 'contoso.azure-devices.net',
      AzureWebJobsStorage__accountName: 'contosokeeper',
    });
    process.env.AZURE_TOKEN_CREDENTIALS = 'no such credential'; // the constructor of `DefaultAzureCredential` throws
    await expect(host.app()).rejects.toThrow('AZURE_TOKEN_CREDENTIALS');
    delete process.env.AZURE_TOKEN_CREDENTIALS;
    const app = await host.app();
    expect(await host.app()).toBe(app);
  });

  test('that the endpoint gives no token for at present is an outage of hub and storage', async () => {
    status = 429;
    const app = await new AppHost({
      IOTHUB_HOSTNAME: 'contoso.azure-devices.net',
      AzureWebJobsStorage__accountName: 'contosokeeper',
    }).app();
    const failure = async (call: Promise<unknown> | undefined) => call?.catch((error: unknown) => error);
    expect(await failure(app.hubs.get('contoso')?.registry.getDevice('a'))).toMatchObject({
      name: 'HubError',
      kind: 'unavailable',
      code: 'NoTokenYet',
    });
    expect(isStorageOutage(await failure(app.leases.isHeld('contoso')))).toBe(true);
  }, 60_000);
});
