import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../support/fakeClock.ts';
import type { HubClient } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { withEmulator } from '../withEmulator.ts';

const dayMs = 86_400_000;
const untilMidnightMs = (clock: FakeClock) => dayMs - (clock.now() % dayMs);
const usedToday = async (client: HubClient) =>
  ((await client.send('GET', '/$emulator/counters')).body as { messagesUsedToday: number }).messagesUsedToday;
const getTwin = (client: HubClient, deviceId = 'a') => client.send('GET', `/twins/${deviceId}`);

describe('The daily message quota', () => {
  describe('shape', () => {
    test('a used up message quota gets a 403002 with the text of the service', async () => {
      await withEmulator({ messagesPerDay: 2 }, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        const replies = [await getTwin(client), await getTwin(client), await getTwin(client)];
        expect(replies.map(({ status }) => status)).toEqual([200, 200, 403]);
        expect(replies[2]?.headers['iothub-errorcode']).toBe('IotHubQuotaExceeded');
        expect(replies[2]?.headers['retry-after']).toBeUndefined();
        expect(replies[2]?.body).toMatchObject({
          Message:
            "ErrorCode:IotHubQuotaExceeded;Total number of messages on IotHub 'contoso' exceeded the allocated quota. " +
            "Max allowed message count : '2', current message count : '2'. " +
            'Send and Receive operations are blocked for this hub until the next UTC day. ' +
            'Consider increasing the units for this hub to increase the quota.',
        });
      });
    });
  });

  describe('behaviour', () => {
    test('the message quota charges twin reads, twin writes and queries by each 4 KB of the result, rounded up', async () => {
      await withEmulator({}, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'small' });
        hub.createDevice({ deviceId: 'large', desired: { one: 'x'.repeat(4000), two: 'x'.repeat(3000) } });
        const cost = async (work: () => Promise<unknown>) => {
          const before = await usedToday(client);
          await work();
          return (await usedToday(client)) - before;
        };
        expect(await cost(() => getTwin(client, 'small'))).toBe(1);
        expect(await cost(() => getTwin(client, 'large'))).toBe(2);
        expect(await cost(() => client.send('PATCH', '/twins/large', { body: { tags: { a: 1 } } }))).toBe(2);
        expect(await cost(() => client.query('SELECT * FROM devices'))).toBe(3);
        expect(await cost(() => client.query("SELECT * FROM devices WHERE deviceId = 'none'"))).toBe(1);
      });
    });

    test('the message quota charges by 0.5 KB on the free tier', async () => {
      await withEmulator({ tier: 'F1' }, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        const { headers } = await getTwin(client);
        expect(await usedToday(client)).toBe(Math.ceil(Number(headers['content-length']) / 512));
        expect(await usedToday(client)).toBe(2);
      });
    });

    test('the message quota does not charge registry operations, statistics, jobs and refusals', async () => {
      await withEmulator({}, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        await client.send('GET', '/devices/a');
        await client.send('PUT', '/devices/b', { body: { deviceId: 'b' } });
        await client.send('POST', '/devices', { body: [{ id: 'c', importMode: 'create' }] });
        await client.send('GET', '/statistics/devices');
        await client.send('GET', '/jobs');
        await getTwin(client, 'none');
        await client.query('SELECT');
        expect(await usedToday(client)).toBe(0);
      });
    });

    test('a used up message quota blocks the whole hub until midnight UTC of its own clock', async () => {
      const clock = new FakeClock(Date.now() - 2 * dayMs); // in the past, so that no token expires on the way
      await withEmulator({ clock, messagesPerDay: 1 }, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        await getTwin(client);
        const statuses = async () => [
          (await getTwin(client)).status,
          (await client.query('SELECT * FROM devices')).status,
          (await client.send('GET', '/devices/a')).status,
          (await client.send('GET', '/statistics/devices')).status,
        ];
        expect(await statuses()).toEqual([403, 403, 403, 403]);
        await clock.advance(untilMidnightMs(clock) - 1);
        expect(await statuses()).toEqual([403, 403, 403, 403]);
        await clock.advance(1);
        expect(await usedToday(client)).toBe(0);
        expect((await getTwin(client)).status).toBe(200);
        expect(await statuses()).toEqual([403, 403, 403, 403]);
        expect((await client.send('GET', '/$emulator/counters')).body).toMatchObject({ messagesUsed: 2 });
      });
    });

    test('messageQuotaBlocks can allow operations that cost no messages', async () => {
      const options = { messagesPerDay: 1, messageQuotaBlocks: 'chargedOperations' } as const;
      await withEmulator(options, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        await getTwin(client);
        expect(outcome(await getTwin(client))).toEqual([403, 'IotHubQuotaExceeded']);
        expect((await client.send('GET', '/devices/a')).status).toBe(200);
      });
    });
  });
});
