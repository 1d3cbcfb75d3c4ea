import { describe, expect, test } from '@jest/globals';
import { sasToken } from './hubClient.ts';
import { withEmulator } from './withEmulator.ts';

describe('A SAS token', () => {
  test('opens what its policy has rights for, and nothing else', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      const attempts = [
        ['GET', '/devices/a', undefined],
        ['PUT', '/devices/b', { deviceId: 'b' }],
        ['GET', '/twins/a', undefined],
        ['POST', '/devices/query', { query: 'SELECT * FROM devices' }],
      ] as const;
      const statuses = async (policy: Parameters<typeof emulator.connectionStringOf>[0]) => {
        const authorization = sasToken(emulator.connectionStringOf(policy));
        const results: number[] = [];
        for (const [method, path, body] of attempts)
          results.push((await client.send(method, path, { authorization, body })).status);
        return results;
      };
      expect(await statuses('device')).toEqual([401, 401, 401, 401]);
      expect(await statuses('registryRead')).toEqual([200, 401, 401, 401]);
      expect(await statuses('service')).toEqual([401, 401, 200, 200]);
      expect(emulator.hub.counts.devices).toBe(1);
      expect(await statuses('registryReadWrite')).toEqual([200, 200, 401, 401]);
      emulator.hub.deleteDevice('b');
      expect(await statuses('iothubowner')).toEqual([200, 200, 200, 200]);
    });
  });

  test('is a 401 when anything about it is wrong, and the answer repeats nothing of it', async () => {
    await withEmulator({}, async (client, emulator) => {
      const own = emulator.connectionString;
      const good = sasToken(own);
      const bad: Record<string, string> = {
        empty: '',
        expired: sasToken(own, { expiresAtMs: Date.now() - 1000 }),
        'wrong key': sasToken(own, { key: Buffer.alloc(32).toString('base64') }),
        'other host': sasToken(own, { scope: 'evil.azure-devices.net' }),
        'host that only begins alike': sasToken(own, { scope: `${emulator.hostName}0` }),
        'other device': sasToken(own, { scope: `${emulator.hostName}/devices/b` }),
        'half a segment': sasToken(own, { scope: `${emulator.hostName}/dev` }),
        'unknown policy': good.replace('skn=iothubowner', 'skn=owner'),
        'later expiry': good.replace(/se=\d+/, 'se=99999999999'),
        'no signature': good.replace(/sig=[^&]*/, 'sig='),
        'no sr': good.replace(/sr=[^&]*&/, ''),
        'bad encoding': good.replace('sr=', 'sr=%zz'),
        'not SAS': 'Basic abc',
        bearer: 'Bearer abc.def.ghi',
      };
      for (const [name, authorization] of Object.entries(bad)) {
        const reply = await client.send('GET', '/devices', { authorization });
        expect([name, reply.status, reply.headers['iothub-errorcode']]).toEqual([
          name,
          401,
          'IotHubUnauthorizedAccess',
        ]);
        const text = JSON.stringify([reply.body, reply.headers]);
        const signature = /sig=([^&]+)/.exec(authorization)?.[1];
        if (signature) expect(text).not.toContain(signature);
      }
    });
  });

  test('may cover a part of the hub, and name the host as its certificate does', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      for (const scope of [
        `${emulator.hostName}/devices`,
        `127.0.0.1:${emulator.port}`,
        emulator.hostName.toUpperCase(),
        'localhost/',
      ]) {
        const authorization = sasToken(emulator.connectionString, { scope });
        expect([scope, (await client.send('GET', '/devices/a', { authorization })).status]).toEqual([scope, 200]);
      }
    });
  });

  test('of one emulator is worth nothing at another', async () => {
    await withEmulator({}, async (client) => {
      await withEmulator({}, async (_other, emulator) => {
        const authorization = sasToken(emulator.connectionString, { scope: 'localhost' });
        expect((await client.send('GET', '/devices', { authorization })).status).toBe(401);
      });
    });
  });
});

describe('The api-version', () => {
  test.each(['2018-06-30', '2020-03-13', '2021-04-12', '2024-03-31'])('%s is served', async (apiVersion) => {
    await withEmulator({}, async (client) => {
      expect((await client.send('GET', '/devices', { apiVersion })).status).toBe(200);
    });
  });

  test.each(['', '2020-01-01', 'latest'])('"%s" is a 400', async (apiVersion) => {
    await withEmulator({}, async (client) => {
      expect((await client.send('GET', '/devices', { apiVersion })).status).toBe(400);
    });
  });
});
