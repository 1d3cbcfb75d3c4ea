import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bearerToken, json, moduleKey, ScriptedHub, sharedKey } from './scriptedHub.ts';
import { agent, unusualIds, version } from './wireWords.ts';

/** As recorded from the service, with keys. */
const moduleIdentity = (deviceId: string, moduleId = agent) => ({
  moduleId,
  managedBy: null,
  deviceId,
  generationId: '637342046180000000',
  etag: 'NzE2MDI0OTgx',
  connectionState: 'Disconnected',
  authentication: {
    symmetricKey: { primaryKey: moduleKey, secondaryKey: moduleKey },
    x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
    type: 'sas',
  },
});

const hub = new ScriptedHub();
let call: ReturnType<ScriptedHub['caller']>;
beforeAll(async () => {
  await hub.start();
  call = hub.caller();
});
afterAll(() => hub.close());

describe('creating one module', () => {
  test.each(unusualIds)(
    'creating a module of device %s sends a PUT without If-Match and without keys',
    async (deviceId, encoded) => {
      hub.respond = json(200, moduleIdentity(deviceId));
      const result = await call('createModule', { deviceId, moduleId: agent, authentication: 'sas' });
      expect(result).toEqual({ id: result.id, result: 'created', leaks: [] });
      expect(hub.last).toMatchObject({ method: 'PUT', url: `/devices/${encoded}/modules/${agent}${version}` });
      expect(hub.last.body).toEqual({ deviceId, moduleId: agent, authentication: { type: 'sas' } });
      expect(hub.last.headers).not.toHaveProperty('if-match');
      expect(hub.last.headers['content-type']).toContain('application/json');
    },
  );

  test('signs the request with the key, for the host and port of the connection', async () => {
    hub.respond = json(200, moduleIdentity('d'));
    await call('createModule', { deviceId: 'd', moduleId: agent, authentication: 'sas' });
    expect(hub.last.headers.host).toBe(hub.host);
    const token = new URLSearchParams(hub.last.headers.authorization?.replace('SharedAccessSignature ', ''));
    const signed = `${hub.host}\n${token.get('se')}`;
    const signature = createHmac('sha256', Buffer.from(sharedKey, 'base64')).update(signed).digest('base64');
    expect(Object.fromEntries(token)).toMatchObject({ sr: hub.host, skn: 'keeper', sig: signature });
  });

  test('with a twin seed uses the bulk call, which can write both', async () => {
    hub.respond = json(200, { isSuccessful: true, errors: [], warnings: [] });
    const twin = { tags: { site: 'Zürich' }, desired: { rate: 5 } };
    const creation = { deviceId: "a'b", moduleId: agent, authentication: 'certificateAuthority', twin };
    expect(await call('createModule', creation)).toMatchObject({ result: 'created' });
    expect(hub.last).toMatchObject({ method: 'POST', url: `/devices${version}` });
    expect(hub.last.body).toEqual([
      {
        id: "a'b",
        moduleId: agent,
        importMode: 'create',
        authentication: { type: 'certificateAuthority' },
        tags: { site: 'Zürich' },
        properties: { desired: { rate: 5 } },
      },
    ]);
  });
});

describe('creating modules in bulk', () => {
  test('sends an array of identities to create, without keys', async () => {
    hub.respond = json(200, { isSuccessful: true, errors: [], warnings: [] });
    const creations = unusualIds.map(([deviceId]) => ({ deviceId, moduleId: agent, authentication: 'sas' }));
    expect(await call('createModules', creations)).toMatchObject({ result: ['created', 'created', 'created'] });
    expect(hub.last).toMatchObject({ method: 'POST', url: `/devices${version}` });
    expect(hub.last.body).toEqual(
      unusualIds.map(([id]) => ({ id, moduleId: agent, importMode: 'create', authentication: { type: 'sas' } })),
    );
  });

  test('sends nothing for no modules, and throws for more than 100', async () => {
    const calls = hub.requests.length;
    expect(await call('createModules', [])).toMatchObject({ result: [] });
    const many = Array.from({ length: 101 }, (_, index) => ({ deviceId: `d${index}`, moduleId: agent }));
    expect((await call('createModules', many)).error?.message).toContain('At most 100');
    expect(hub.requests).toHaveLength(calls);
  });
});

test('under Entra ID every request carries the token, and no result holds it', async () => {
  const entra = hub.caller({ entra: true });
  hub.respond = json(200, moduleIdentity('d'));
  const result = await entra('createModule', { deviceId: 'd', moduleId: agent, authentication: 'sas' });
  expect(result).toMatchObject({ result: 'created', leaks: [] });
  expect(hub.last.headers.authorization).toBe(`Bearer ${bearerToken}`);
});
