import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EmulatorClock } from '../../../../local/emulator/state/emulatorClock.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import { type HubClient, type Reply, sasToken } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { withEmulator } from '../withEmulator.ts';

const setScale = (client: HubClient, timeScale: unknown) =>
  client.send('PUT', '/$emulator/clock', { body: { timeScale } });
const nowOf = async (client: HubClient) =>
  Date.parse(((await client.send('GET', '/$emulator/clock')).body as { now: string }).now);

describe('A clock that runs faster', () => {
  describe('shape', () => {
    test('GET /$emulator/clock returns time and speed', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, timeScale: 60 }, async (client) => {
        expect((await client.send('GET', '/$emulator/clock')).body).toEqual({
          now: new Date(clock.now()).toISOString(),
          timeScale: 60,
        });
      });
    });
  });

  describe('validation', () => {
    test.each([0, -1, '60', null, undefined])('the clock refuses the speed %j', async (timeScale) => {
      await withEmulator({ timeScale: 2 }, async (client) => {
        expect(outcome(await setScale(client, timeScale))).toEqual([400, 'ArgumentInvalid']);
        expect((await client.send('GET', '/$emulator/clock')).body).toMatchObject({ timeScale: 2 });
      });
    });

    test('startEmulator refuses an invalid time scale', async () => {
      await expect(withEmulator({ timeScale: 0 }, async () => undefined)).rejects.toThrow(RangeError);
    });
  });

  describe('behaviour', () => {
    test('a faster clock shortens the delays of throttled calls', async () => {
      const clock = new FakeClock();
      const options = { clock, timeScale: 60, throttling: true, throttleBurstMinutes: 1 };
      await withEmulator(options, async (client, emulator) => {
        const entries = (start: number) =>
          Array.from({ length: 100 }, (_, index) => ({ id: `d${start + index}`, importMode: 'create' }));
        expect((await client.send('POST', '/devices', { body: entries(0) })).status).toBe(200);
        let reply: Reply | undefined;
        const held = client.send('POST', '/devices', { body: entries(100).slice(0, 50) }).then((response) => {
          reply = response;
        });
        const endsAtMs = Date.now() + 300_000;
        while (emulator.counters().registryOperations < 150 && Date.now() < endsAtMs)
          await new Promise((resolve) => setTimeout(resolve, 5));
        await clock.advance(499); // 50 identities at 100 a minute: 30 s of the hub, half a second of ours
        await new Promise((resolve) => setTimeout(resolve, 50));
        expect(reply).toBeUndefined();
        await clock.advance(1);
        await held;
        expect(reply?.status).toBe(200);
      });
    });

    test('a faster clock shortens the delay of the query index', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, timeScale: 10, queryDelayMs: 3000 }, async (client, { hub }) => {
        hub.createDevice({ deviceId: 'a' });
        const count = async () => ((await client.query('SELECT deviceId FROM devices')).body as object[]).length;
        await clock.advance(299);
        expect(await count()).toBe(0);
        await clock.advance(2);
        expect(await count()).toBe(1);
      });
    });

    test('SAS tokens expire by real time with a faster clock', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock, timeScale: 1000 }, async (client, { connectionString }) => {
        const authorization = sasToken(connectionString, { expiresAtMs: clock.now() + 60_000 });
        const status = async () => (await client.send('GET', '/devices', { authorization })).status;
        await clock.advance(59_000);
        expect(await status()).toBe(200);
        await clock.advance(1000);
        expect(await status()).toBe(401);
      });
    });

    test('the clock can change its speed at any time without a jump', async () => {
      const clock = new FakeClock();
      await withEmulator({ clock }, async (client) => {
        const startMs = clock.now();
        await clock.advance(1000);
        expect((await setScale(client, 100)).body).toMatchObject({ timeScale: 100 });
        expect((await nowOf(client)) - startMs).toBe(1000);
        await clock.advance(1000);
        expect((await nowOf(client)) - startMs).toBe(101_000);
        await setScale(client, 0.5);
        await clock.advance(1000);
        expect((await nowOf(client)) - startMs).toBe(101_500);
      });
    });

    test('sleep ends at its emulator time, even if the speed changes', async () => {
      const change = fc.record({ afterMs: fc.integer({ min: 1, max: 500 }), scale: fc.integer({ min: 1, max: 50 }) });
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 100_000 }),
          fc.array(change, { maxLength: 6 }),
          async (delayMs, changes) => {
            const base = new FakeClock();
            const clock = new EmulatorClock(base, 1);
            const promisedMs = clock.now() + delayMs;
            let wokenMs: number | undefined;
            const sleep = clock.sleep(delayMs).then(() => {
              wokenMs = clock.now();
            });
            for (const { afterMs, scale } of changes) {
              await base.advance(afterMs);
              clock.setTimeScale(scale);
            }
            await base.run(sleep);
            expect(wokenMs).toBeGreaterThanOrEqual(promisedMs);
            expect(wokenMs).toBeLessThan(promisedMs + 50); // a base millisecond at the fastest pace
          },
        ),
      );
    });

    test('an aborted sleep rejects with the reason', async () => {
      const clock = new EmulatorClock(new FakeClock(), 10);
      const stop = new AbortController();
      const sleep = clock.sleep(1000, stop.signal);
      stop.abort(new Error('enough'));
      await expect(sleep).rejects.toThrow('enough');
    });
  });
});
