import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Emulator } from '../../../../local/emulator/emulator.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import type { HubClient } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { withEmulator } from '../withEmulator.ts';
import { bearer } from './entraToken.ts';

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());
const dayMs = 86_400_000;

/** Forgeries of a good header, by what is wrong with them. */
function forgeries(good: string): Record<string, string> {
  const [head = '', body = '', signature = ''] = good.replace('Bearer ', '').split('.');
  const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const publicHalf = encoded({ ...decoded(head), alg: 'HS256' });
  const later = encoded({ ...decoded(body), exp: decoded(body).exp + 1 });
  const signedBy = (key: typeof foreignKey, text: string) =>
    `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
  return {
    'no signature': `Bearer ${head}.${body}.`,
    'algorithm none': `Bearer ${encoded({ ...decoded(head), alg: 'none' })}.${body}.`,
    'a symmetric algorithm': `Bearer ${publicHalf}.${body}.${signature}`,
    'another key under the same name': `Bearer ${signedBy(foreignKey, `${head}.${body}`)}`,
    'another key name': `Bearer ${encoded({ ...decoded(head), kid: 'other' })}.${body}.${signature}`,
    'a changed claim': `Bearer ${head}.${later}.${signature}`,
    'a fourth part': `${good}.e30`,
    'a cut signature': good.slice(0, -8),
    'no JSON': 'Bearer e.e.e',
    'null parts': `Bearer ${Buffer.from('null').toString('base64url')}.${body}.${signature}`,
    nothing: 'Bearer ',
  };
}

describe('A bearer token of Entra ID', () => {
  describe('shape', () => {
    test('a token without the required data action gets the error text that users of hubs published', async () => {
      await withEmulator({ entraRoles: [] }, async (client, emulator) => {
        const reply = await client.send('GET', '/twins/a', { authorization: await bearer(client, emulator) });
        const { objectId } = emulator.entra.identities.find(undefined) ?? {};
        expect(outcome(reply)).toEqual([401, 'IotHubUnauthorized']);
        expect(reply.body).toEqual({
          Message: `ErrorCode:IotHubUnauthorized;Principal ${objectId} is not authorized for GET on /twins/a due to no assigned permissions`,
          ExceptionMessage: expect.stringMatching(/^Tracking ID:[0-9a-f]{32}-G:0-TimeStamp:/),
        });
        expect(reply.headers['x-emulator-hint']).toContain('Microsoft.Devices/IotHubs/twins/read');
      });
    });
  });

  describe('validation', () => {
    test('a forged token gets a 401 whose body repeats nothing of it', async () => {
      await withEmulator({}, async (client, emulator) => {
        const good = await bearer(client, emulator);
        expect((await client.send('GET', '/devices', { authorization: good })).status).toBe(200);
        for (const [name, authorization] of Object.entries(forgeries(good))) {
          const reply = await client.send('GET', '/devices', { authorization });
          expect([name, ...outcome(reply)]).toEqual([name, 401, 'IotHubUnauthorizedAccess']);
          const responseText = JSON.stringify([reply.body, reply.headers]);
          for (const part of authorization.replace('Bearer ', '').split('.'))
            if (part.length > 20) expect(responseText).not.toContain(part);
        }
      });
    });

    test('a token for another resource gets a 401; a trailing slash of the resource is ignored', async () => {
      await withEmulator({}, async (client, emulator) => {
        const status = async (resource: string) => {
          const authorization = await bearer(client, emulator, { resource });
          return (await client.send('GET', '/devices', { authorization })).status;
        };
        expect(await status('https://management.azure.com')).toBe(401);
        expect(await status('https://iothubs.azure.net.evil.example')).toBe(401);
        expect(await status('https://iothubs.azure.net/')).toBe(200);
      });
    });

    test("a token expires after a day of real time, at any speed of the hub's clock", async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, timeScale: 1000 }, async (client, emulator) => {
        const authorization = await bearer(client, emulator);
        const status = async () => (await client.send('GET', '/devices', { authorization })).status;
        await clock.advance(dayMs - 1);
        expect(await status()).toBe(200);
        await clock.advance(1);
        expect(await status()).toBe(401);
      });
    });

    test('a token of one emulator is refused by another', async () => {
      await withEmulator({}, async (client, emulator) => {
        const authorization = await bearer(client, emulator);
        await withEmulator({}, async (other, otherEmulator) => {
          expect((await other.send('GET', '/devices', { authorization })).status).toBe(401);
          await bearer(other, otherEmulator);
          expect((await other.send('GET', '/devices', { authorization })).status).toBe(401);
        });
      });
    });
  });

  describe('behaviour', () => {
    test('a token allows only the operations that the data actions of its roles cover', async () => {
      await withEmulator({}, async (client, emulator) => {
        const statusesWith = async (...roles: string[]) => {
          const given = await client.send('PUT', '/$emulator/identities/system', { body: { roles } });
          expect(given.status).toBe(200);
          return attemptAll(client, emulator);
        };
        const [none, all] = [[], ['read', 'put', 'bulk', 'delete', 'query', 'patch', 'statistics', 'jobs', 'job']];
        expect(await statusesWith()).toEqual(none);
        expect(await statusesWith('Owner', 'Contributor')).toEqual(none);
        expect(await statusesWith('IoT Hub Data Reader')).toEqual(['read', 'query', 'statistics', 'jobs']);
        expect(await statusesWith('IoT Hub Registry Contributor')).toEqual(['read', 'put', 'bulk', 'delete']);
        expect(await statusesWith('IoT Hub Twin Contributor')).toEqual(['query', 'patch']);
        expect(await statusesWith('IoT Hub Data Contributor')).toEqual(all);
        expect(await statusesWith('IoT Hub Registry Contributor', 'IoT Hub Data Reader')).toEqual([
          ...['read', 'put', 'bulk', 'delete', 'query', 'statistics', 'jobs'],
        ]);
      });
    });

    test('module calls with a bearer token: 404 for a missing device, success for a disabled one (SAS: 401)', async () => {
      await withEmulator({}, async (client, { hub, ...emulator }) => {
        hub.createDevice({ deviceId: 'off', status: 'disabled' });
        hub.createModule('off', { moduleId: 'm' });
        const authorization = await bearer(client, { hub, ...emulator });
        const get = async (path: string, more = {}) => outcome(await client.send('GET', path, more));
        for (const path of ['/devices/none/modules/m', '/devices/none/modules']) {
          expect(await get(path)).toEqual([401, 'IotHubUnauthorizedAccess']);
          expect(await get(path, { authorization })).toEqual([404, 'DeviceNotFound']);
        }
        expect(await get('/devices/off/modules/m')).toEqual([401, 'IotHubUnauthorizedAccess']);
        expect(await get('/devices/off/modules/m', { authorization })).toEqual([200, undefined]);
        const put = await client.send('PUT', '/devices/off/modules/n', {
          ...{ authorization, body: { deviceId: 'off', moduleId: 'n' } },
        });
        expect(put.status).toBe(200);
        const entries = [{ id: 'off', moduleId: 'o', importMode: 'create' }];
        expect((await client.send('POST', '/devices', { body: entries })).status).toBe(400);
        expect((await client.send('POST', '/devices', { body: entries, authorization })).status).toBe(200);
        expect(hub.modulesOf('off').map(({ moduleId }) => moduleId)).toEqual(['m', 'n', 'o']);
      });
    });
  });
});

/** Calls one operation of each kind; returns the names of those that were allowed. */
async function attemptAll(client: HubClient, emulator: Emulator): Promise<string[]> {
  const authorization = await bearer(client, emulator);
  const calls: readonly (readonly [name: string, method: string, path: string, body?: unknown])[] = [
    ['read', 'GET', '/devices/none'],
    ['put', 'PUT', '/devices/some', {}],
    ['bulk', 'POST', '/devices', []],
    ['delete', 'DELETE', '/devices/none'],
    ['query', 'POST', '/devices/query', { query: 'SELECT * FROM devices' }],
    ['patch', 'PATCH', '/twins/none', {}],
    ['statistics', 'GET', '/statistics/devices'],
    ['jobs', 'GET', '/jobs'],
    ['job', 'POST', '/jobs/create', {}],
  ];
  const passed: string[] = [];
  for (const [name, method, path, body] of calls) {
    const { status } = await client.send(method, path, { authorization, ...(body === undefined ? {} : { body }) });
    if (status !== 401) passed.push(name);
  }
  return passed;
}
