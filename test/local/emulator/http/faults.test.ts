import { describe, expect, test } from '@jest/globals';
import type { HubClient } from '../hubClient.ts';
import { withEmulator } from '../withEmulator.ts';

const addFault = (client: HubClient, rule: object) =>
  client.send('POST', '/$emulator/faults', { body: rule, apiVersion: '' });
const putDevice = (client: HubClient, deviceId: string) =>
  client.send('PUT', `/devices/${deviceId}`, { body: { deviceId } });

describe('A fault rule', () => {
  test('a status rule applies count times, before or after the operation', async () => {
    await withEmulator({}, async (client, emulator) => {
      await addFault(client, { operation: 'putDevice', kind: 'status', status: 503, count: 2 });
      expect((await client.query('SELECT * FROM devices')).status).toBe(200);
      const first = await putDevice(client, 'a');
      expect([first.status, first.headers['iothub-errorcode']]).toEqual([503, 'ServiceUnavailable']);
      expect((await client.send('GET', '/$emulator/faults')).body).toMatchObject([{ count: 1 }]);
      expect((await putDevice(client, 'a')).status).toBe(503);
      expect(emulator.hub.counts.devices).toBe(0);
      expect((await putDevice(client, 'a')).status).toBe(200);
      await addFault(client, { operation: 'putDevice', kind: 'status', afterwards: true });
      expect((await putDevice(client, 'b')).status).toBe(500);
      expect(emulator.hub.device('b')).toBeDefined();
    });
  });

  test('a reset or truncated rule closes the connection without a response or in the middle of it', async () => {
    await withEmulator({}, async (client, emulator) => {
      await addFault(client, { operation: '*', kind: 'reset' });
      await expect(putDevice(client, 'a')).rejects.toThrow(/socket hang up|ECONNRESET/);
      expect(emulator.hub.device('a')).toBeUndefined();
      emulator.faults.add({ operation: 'putDevice', kind: 'truncated' });
      await expect(putDevice(client, 'a')).rejects.toThrow(/aborted/);
      expect(emulator.hub.device('a')).toBeDefined();
      expect(emulator.counters().requests.putDevice).toEqual({ none: 1, '200': 1 });
    });
  });

  test('a hang rule keeps a request open until the emulator closes', async () => {
    let hanging: Promise<unknown> = Promise.resolve();
    await withEmulator({}, async (client, emulator) => {
      emulator.faults.add({ operation: 'putDevice', kind: 'hang' });
      hanging = putDevice(client, 'a').catch((error: unknown) => error);
      while (!emulator.counters().requests.putDevice) await new Promise((resolve) => setImmediate(resolve));
      expect(emulator.counters().requests.putDevice).toEqual({ none: 1 });
    });
    expect(await hanging).toMatchObject({ message: 'socket hang up' });
  });

  test('a rate rule applies to a share of the calls until it is removed', async () => {
    let draw = 0;
    await withEmulator({ random: () => (draw++ % 4) / 4 }, async (client, emulator) => {
      emulator.faults.add({ operation: 'getDevice', kind: 'status', status: 500, rate: 0.5 });
      const statuses: number[] = [];
      for (let call = 0; call < 8; call += 1) statuses.push((await client.send('GET', '/devices/a')).status);
      expect(statuses.filter((status) => status === 500)).toHaveLength(4);
      expect((await client.send('DELETE', '/$emulator/faults')).status).toBe(204);
      expect((await client.send('GET', '/$emulator/faults')).body).toEqual([]);
    });
  });

  test.each([
    [{}],
    [[]],
    [{ kind: 'explode' }],
    [{ kind: 'reset', operation: 'nothing' }],
    [{ kind: 'status', status: 200 }],
    [{ kind: 'reset', count: 0 }],
    [{ kind: 'reset', rate: 2 }],
  ])('an invalid fault rule gets a 400 and is not added: %j', async (rule) => {
    await withEmulator({}, async (client) => {
      expect((await addFault(client, rule)).status).toBe(400);
      expect((await client.send('GET', '/$emulator/faults')).body).toEqual([]);
    });
  });
});

describe('The counters', () => {
  test('the counters report requests by operation and status, and created identities, without a token', async () => {
    await withEmulator({}, async (client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'seeded' });
      await putDevice(client, 'a');
      await putDevice(client, 'a');
      await client.send('GET', '/nowhere');
      const reply = await client.send('GET', '/$emulator/counters', { authorization: 'none', apiVersion: '' });
      expect(reply.body).toMatchObject({
        requests: { putDevice: { '200': 1, '409': 1 }, unknown: { '404': 1 } },
        registryOperations: 2,
        devicesCreated: 1,
        modulesCreated: 0,
        throttled: 0,
      });
      expect((await client.send('GET', '/$emulator/keys')).status).toBe(404);
    });
  });
});
