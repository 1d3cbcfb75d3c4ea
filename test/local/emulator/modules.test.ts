import { describe, expect, test } from '@jest/globals';
import { agent, outcome, putModule } from './moduleCalls.ts';
import { withEmulator } from './withEmulator.ts';

describe('A module', () => {
  test('is made once; the second time is 409301 in its own shape, and the keys stay', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      expect((await putModule(client, 'a')).status).toBe(200);
      const before = emulator.hub.keyHash('a', agent);
      const again = await putModule(client, 'a');
      expect(outcome(again)).toEqual([409, 'ModuleAlreadyExistsOnDevice']);
      expect(again.body).toEqual({
        errorCode: 409301,
        message: `Device a in IotHub contoso already contains Module ${agent}.`,
        trackingId: expect.stringMatching(/^[0-9a-f]{32}$/),
        timestampUtc: expect.any(String),
      });
      expect(emulator.hub.keyHash('a', agent)).toBe(before);
      expect((await putModule(client, 'a', agent, {}, { 'if-match': '*' })).status).toBe(200);
      expect(emulator.hub.keyHash('a', agent)).not.toBe(before);
    });
  });

  test('of a missing or disabled device is a 401 under SAS, while its twin is there or a 404', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'off' });
      emulator.hub.createModule('off', { moduleId: agent });
      emulator.hub.setDeviceStatus('off', 'disabled');
      for (const device of ['off', 'missing']) {
        for (const [method, path] of [
          ['GET', `/devices/${device}/modules`],
          ['GET', `/devices/${device}/modules/${agent}`],
          ['DELETE', `/devices/${device}/modules/${agent}`],
        ] as const) {
          expect(outcome(await client.send(method, path))).toEqual([401, 'IotHubUnauthorizedAccess']);
        }
        const put = await putModule(client, device);
        expect(put.status).toBe(401);
        expect(put.body).toEqual({ Message: expect.stringContaining('"errorCode":401002'), ExceptionMessage: '' });
      }
      expect((await client.send('GET', `/twins/off/modules/${agent}`)).status).toBe(200);
      expect(outcome(await client.send('GET', `/twins/missing/modules/${agent}`))).toEqual([404, 'DeviceNotFound']);
      expect(outcome(await client.send('GET', '/twins/off/modules/other'))).toEqual([404, 'DeviceNotFound']);
    });
  });

  test('that is missing is 404010, and one of the service cannot be made, changed or deleted', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'edge', edge: true });
      expect(outcome(await client.send('GET', '/devices/edge/modules/none'))).toEqual([404, 'ModuleNotFound']);
      expect(outcome(await putModule(client, 'edge', 'none', {}, { 'if-match': '*' }))).toEqual([
        404,
        'ModuleNotFound',
      ]);
      expect(outcome(await putModule(client, 'edge', '$mine'))).toEqual([400, 'ArgumentInvalid']);
      const changed = await putModule(client, 'edge', '$edgeAgent', {}, { 'if-match': '*' });
      expect(outcome(changed)).toEqual([401, 'SystemModuleModifyUnauthorizedAccess']);
      const deleted = await client.send('DELETE', '/devices/edge/modules/$edgeHub', { headers: { 'if-match': '*' } });
      expect(deleted.status).toBe(401);
      expect(emulator.hub.counts.modules).toBe(2);
    });
  });

  test('fits on a device 50 times, and on a hub until the cap of identities', async () => {
    await withEmulator({ maxIdentities: 53 }, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      for (let index = 0; index < 50; index += 1) emulator.hub.createModule('a', { moduleId: `m${index}` });
      expect(outcome(await putModule(client, 'a'))).toEqual([413, 'TooManyModulesOnDevice']);
      emulator.hub.createDevice({ deviceId: 'b' });
      expect((await putModule(client, 'b')).status).toBe(200);
      const over = await putModule(client, 'b', 'other');
      expect(outcome(over)).toEqual([403, 'IotHubQuotaExceeded']);
      expect(over.body).toMatchObject({
        Message: expect.stringContaining('Total number of devices on IotHub exceeded'),
      });
      emulator.hub.deleteModule('a', 'm0');
      expect((await putModule(client, 'b', 'other')).status).toBe(200);
    });
  });

  test('is not to be had in a Basic tier, nor is a twin, and query rows lack properties there', async () => {
    await withEmulator({ tier: 'B1' }, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'a' });
      const refused = [403, 'OperationNotAvailableInCurrentTier'];
      expect(outcome(await putModule(client, 'a'))).toEqual(refused);
      expect(outcome(await client.send('GET', '/twins/a'))).toEqual(refused);
      const [row] = (await client.query('SELECT * FROM devices')).body as object[];
      expect(Object.keys(row ?? {})).not.toContain('properties');
    });
  });
});
