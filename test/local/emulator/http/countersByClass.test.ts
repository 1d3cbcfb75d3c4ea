import { describe, expect, test } from '@jest/globals';
import { withEmulator } from '../withEmulator.ts';

describe('GET /$emulator/counters', () => {
  test('the counters report requests and their cost by throttle class', async () => {
    const options = { throttling: true, throttleBurstMinutes: 1, throttleQueueTimeoutMs: 0 };
    await withEmulator(options, async (client, { hub }) => {
      hub.createDevice({ deviceId: 'a' });
      await client.send('POST', '/devices', {
        body: ['b', 'c', 'd'].map((id) => ({ id, importMode: 'create' })),
      });
      await client.send('GET', '/devices/none');
      for (let call = 0; call < 21; call += 1) await client.query('SELECT deviceId FROM devices');
      await client.send('GET', '/twins/a');
      await client.send('PATCH', '/twins/a', { body: { tags: { a: 1 } } });
      await client.send('GET', '/jobs');
      expect((await client.send('GET', '/$emulator/counters')).body).toMatchObject({
        requestsByClass: {
          registry: { '200': 1, '404': 1 },
          query: { '200': 20, '429': 1 },
          twinRead: { '200': 1 },
          twinWrite: { '200': 1 },
          jobs: { '200': 1 },
        },
        operationsByClass: { registry: 4, query: 21, twinRead: 1, twinWrite: 1, jobs: 1 },
        registryOperations: 4,
        devicesCreated: 3,
        throttled: 1,
        messagesUsed: 22,
        messagesUsedToday: 22,
      });
    });
  });
});
