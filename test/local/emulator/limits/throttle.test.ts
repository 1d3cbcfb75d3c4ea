import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Throttle, type ThrottleRules } from '../../../../local/emulator/limits/throttle.ts';
import { tierLimits } from '../../../../shared/config/tierLimits.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import type { Reply } from '../hubClient.ts';
import { withEmulator } from '../withEmulator.ts';

const rules: ThrottleRules = { burstMinutes: 1, queueTimeoutMs: 40_000, queueLimit: 1000 };
const limits = tierLimits('S1', 1);

describe('The throttle', () => {
  test('the throttle serves the burst at once, then delays to the limit rate, then refuses after the longest delay', () => {
    const throttle = new Throttle(limits, rules, 0);
    const admissions = Array.from({ length: 200 }, () => throttle.admit('registry', 1, 0));
    expect(admissions.slice(0, 100).every(({ delayMs }) => delayMs === 0)).toBe(true);
    expect(admissions[100]).toEqual({ delayMs: 600, refusedWith: undefined });
    expect(admissions[165]).toEqual({ delayMs: 39_600, refusedWith: undefined });
    expect(admissions[166]).toEqual({ delayMs: 40_000, refusedWith: 'ThrottlingBacklogTimeout' });
  });

  test('the throttle counts a bulk call once for each identity, and each class separately', () => {
    const throttle = new Throttle(limits, rules, 0);
    expect(throttle.admit('registry', 100, 0).delayMs).toBe(0);
    expect(throttle.admit('registry', 50, 0).delayMs).toBe(30_000);
    expect(throttle.admit('query', 1, 0).delayMs).toBe(0);
    expect(throttle.admit('twinRead', 1, 0).delayMs).toBe(0);
  });

  test('the throttle refuses at once if too many operations wait', () => {
    const throttle = new Throttle(limits, { ...rules, queueLimit: 2 }, 0);
    throttle.admit('registry', 100, 0);
    expect(throttle.admit('registry', 1, 0).refusedWith).toBeUndefined();
    expect(throttle.admit('registry', 1, 0).refusedWith).toBeUndefined();
    expect(throttle.admit('registry', 1, 0)).toEqual({ delayMs: 0, refusedWith: 'ThrottleBacklogLimitExceeded' });
    expect(throttle.admit('registry', 1, 1300).refusedWith).toBeUndefined();
  });

  test('the throttle never serves more than burst and limit rate allow, with any arrivals', () => {
    const arrivals = fc.array(fc.record({ waitMs: fc.nat(5000), cost: fc.integer({ min: 1, max: 100 }) }), {
      maxLength: 80,
    });
    fc.assert(
      fc.property(arrivals, (list) => {
        const throttle = new Throttle(limits, rules, 0);
        const served: { atMs: number; cost: number }[] = [];
        let nowMs = 0;
        for (const { waitMs, cost } of list) {
          nowMs += waitMs;
          const { delayMs, refusedWith } = throttle.admit('registry', cost, nowMs);
          expect(delayMs).toBeLessThanOrEqual(rules.queueTimeoutMs);
          if (!refusedWith) served.push({ atMs: nowMs + delayMs, cost });
        }
        for (const { atMs } of served) {
          const total = served.filter((other) => other.atMs <= atMs).reduce((sum, other) => sum + other.cost, 0);
          expect(total).toBeLessThanOrEqual(100 + (atMs * 100) / 60_000 + 1e-6);
        }
      }),
    );
  });
});

describe('A throttled hub', () => {
  test('a throttled hub delays a request on its clock and then serves it', async () => {
    const clock = new FakeClock();
    await withEmulator({ clock, throttling: true, throttleBurstMinutes: 1 }, async (client, emulator) => {
      for (let index = 0; index < 100; index += 1) await client.send('GET', '/statistics/devices');
      let reply: Reply | undefined;
      const held = client.send('PUT', '/devices/a', { body: { deviceId: 'a' } }).then((response) => {
        reply = response;
      });
      while (emulator.counters().registryOperations < 101) await new Promise((resolve) => setImmediate(resolve));
      expect(emulator.hub.device('a')).toBeUndefined();
      expect(reply).toBeUndefined();
      await clock.advance(600);
      await held;
      expect(reply?.status).toBe(200);
    });
  });

  test('a throttled hub returns 429 with the recorded text, without Retry-After, and closes the connection', async () => {
    await withEmulator(
      { throttling: true, throttleBurstMinutes: 1, throttleQueueTimeoutMs: 0 },
      async (client, emulator) => {
        const body = Array.from({ length: 100 }, (_, index) => ({ id: `d${index}`, importMode: 'create' }));
        expect((await client.send('POST', '/devices', { body })).status).toBe(200);
        const reply = await client.send('POST', '/devices', {
          body: [{ id: 'e', moduleId: 'm', importMode: 'create' }],
        });
        expect([reply.status, reply.headers['iothub-errorcode'], reply.headers.connection]).toEqual([
          429,
          'ThrottlingBacklogTimeout',
          'close',
        ]);
        expect(reply.headers['retry-after']).toBeUndefined();
        expect(reply.body).toEqual({
          Message:
            'ErrorCode:ThrottlingBacklogTimeout;The request has been throttled. Wait 10 seconds and try again. Operation type: CRUD',
          ExceptionMessage: expect.stringMatching(/^Tracking ID:[0-9a-f]{32}-G:0-TimeStamp:/),
        });
        expect((await client.query('SELECT COUNT() AS n FROM devices')).status).toBe(200);
        expect(emulator.counters()).toMatchObject({ throttled: 1, registryOperations: 101, devicesCreated: 100 });
      },
    );
  });
});
