import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { withEmulator } from '../withEmulator.ts';
import { type IssuedToken, requestToken } from './entraToken.ts';

const projectFolder = join(__dirname, '../../../..');
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('The identity endpoint', () => {
  describe('shape', () => {
    test('the identity endpoint responds like App Service, with a token for the resource and the identity', async () => {
      await withEmulator({}, async (client, emulator) => {
        const reply = await requestToken(client, emulator);
        const issued = reply.body as IssuedToken;
        const { objectId, clientId } = emulator.entra.identities.find(undefined) ?? {};
        expect([reply.status, issued]).toEqual([
          200,
          {
            access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
            expires_on: expect.stringMatching(/^\d{10}$/),
            resource: 'https://iothubs.azure.net',
            token_type: 'Bearer',
            client_id: clientId,
          },
        ]);
        const claims = claimsOf(issued.access_token);
        expect(claims).toMatchObject({ aud: 'https://iothubs.azure.net', oid: objectId, appid: clientId });
        expect(String(claims.exp)).toBe(issued.expires_on);
        expect(claims.exp - claims.iat).toBe(86_400);
      });
    });
  });

  describe('validation', () => {
    test.each([
      ['another header', { identityHeader: 'guess' }, 401],
      ['no header', { identityHeader: '' }, 401],
      ['another version', { version: '2017-09-01' }, 400],
      ['a resource that is no address', { resource: 'hub' }, 400],
      ['an identity that is not there', { clientId: '11111111-1111-1111-1111-111111111111' }, 400],
    ])('the identity endpoint refuses a request with %s', async (_what, wish, status) => {
      await withEmulator({}, async (client, emulator) => {
        const reply = await requestToken(client, emulator, wish);
        expect([reply.status, reply.body]).toEqual([status, { statusCode: status, message: expect.any(String) }]);
        expect(JSON.stringify(reply.body)).not.toContain(emulator.entra.identityHeader);
      });
    });
  });

  describe('behaviour', () => {
    test('the identity endpoint issues tokens for user-assigned identities that have roles', async () => {
      await withEmulator({}, async (client, emulator) => {
        const clientId = '22222222-2222-2222-2222-222222222222';
        const given = await client.send('PUT', `/$emulator/identities/${clientId}`, { body: { roles: [] } });
        expect(given.body).toMatchObject({ clientId, roles: [] });
        const { access_token } = (await requestToken(client, emulator, { clientId })).body as IssuedToken;
        expect(claimsOf(access_token)).toMatchObject({
          appid: clientId,
          oid: (given.body as { objectId: string }).objectId,
        });
        expect((await client.send('GET', '/$emulator/identities')).body).toMatchObject([{}, { clientId }]);
      });
    });

    test('ManagedIdentityCredential of @azure/identity gets a token by IDENTITY_ENDPOINT and IDENTITY_HEADER', async () => {
      const script = `
        import { get } from 'node:https';
        import { ManagedIdentityCredential } from '@azure/identity';
        const { token } = await new ManagedIdentityCredential().getToken('https://iothubs.azure.net/.default');
        const path = '/devices/a?api-version=2021-04-12';
        get(process.argv[1] + path, { headers: { authorization: 'Bearer ' + token } }, (response) => {
          console.log(response.statusCode);
          response.resume();
        });`;
      await withEmulator({ entraRoles: ['IoT Hub Data Reader'] }, async (_client, emulator) => {
        emulator.hub.createDevice({ deviceId: 'a' });
        const { stdout } = await promisify(execFile)(
          process.execPath,
          ['--input-type=module', '-e', script, `https://${emulator.hostName}`],
          {
            cwd: projectFolder,
            env: {
              PATH: process.env.PATH,
              NODE_EXTRA_CA_CERTS: emulator.caFile,
              IDENTITY_ENDPOINT: emulator.entra.identityEndpoint,
              IDENTITY_HEADER: emulator.entra.identityHeader,
            },
          },
        );
        expect(stdout.trim()).toBe('200');
      });
    });
  });
});
