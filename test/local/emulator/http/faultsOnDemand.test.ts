import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawLatencyMs, readLatency } from '../../../../local/emulator/http/latency.ts';
import { repeatableRandom } from '../../../../local/repeatableRandom.ts';
import { FakeClock } from '../../../support/fakeClock.ts';
import type { HubClient, Reply } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { withEmulator } from '../withEmulator.ts';

const addRule = (client: HubClient, rule: object) => client.send('POST', '/$emulator/faults', { body: rule });
const getDevice = (client: HubClient) => client.send('GET', '/devices/a');

/** The delays of a thousand draws, smallest first. */
function draws(delayMs: unknown): number[] {
  const [latency, random] = [readLatency(delayMs), repeatableRandom(7)];
  return Array.from({ length: 1000 }, () => drawLatencyMs(latency, random)).sort((left, right) => left - right);
}

/** A clock on which every sleep is over at once, having taken just its time. */
class JumpingClock extends FakeClock {
  override sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.run(super.sleep(delayMs, signal));
  }
}

/** How much of the emulator's time passes until the reply comes. */
async function heldForMs(clock: FakeClock, send: () => Promise<Reply>): Promise<number> {
  const startMs = clock.now();
  await send();
  return clock.now() - startMs;
}

describe('A latency rule', () => {
  describe('validation', () => {
    test.each([
      [{ kind: 'latency' }],
      [{ kind: 'latency', delayMs: -1 }],
      [{ kind: 'latency', delayMs: 4_000_000 }],
      [{ kind: 'latency', delayMs: '100' }],
      [{ kind: 'latency', delayMs: {} }],
      [{ kind: 'latency', delayMs: { from: 10 } }],
      [{ kind: 'latency', delayMs: { from: 10, to: 5 } }],
      [{ kind: 'latency', delayMs: { p50: 0, p99: 5 } }],
      [{ kind: 'latency', delayMs: { p50: 10, p99: 5 } }],
      [{ kind: 'latency', delayMs: { percentiles: {} } }],
      [{ kind: 'latency', delayMs: { percentiles: { 50: 10, 90: 5 } } }],
      [{ kind: 'latency', delayMs: { percentiles: { 101: 10 } } }],
      [{ kind: 'latency', delayMs: { percentiles: { half: 10 } } }],
      [{ kind: 'reset', delayMs: 10 }],
      [{ kind: 'reset', afterwards: 'yes' }],
      [{ kind: 'reset', seed: 0.5 }],
    ])('an invalid latency rule gets a 400 and is not added: %j', async (rule) => {
      await withEmulator({}, async (client) => {
        expect(outcome(await addRule(client, rule))).toEqual([400, 'ArgumentInvalid']);
        expect((await client.send('GET', '/$emulator/faults')).body).toEqual([]);
      });
    });
  });

  describe('behaviour', () => {
    test("a fixed latency delays a call by that time on the emulator's clock", async () => {
      const clock = new JumpingClock();
      await withEmulator({ clock }, async (client) => {
        await addRule(client, { operation: 'getDevice', kind: 'latency', delayMs: 500 });
        expect(await heldForMs(clock, () => getDevice(client))).toBe(500);
        expect(await heldForMs(clock, () => client.send('GET', '/devices'))).toBe(0);
        await client.send('DELETE', '/$emulator/faults');
        expect(await heldForMs(clock, () => getDevice(client))).toBe(0);
      });
    });

    test('latencies apply to every matching call, add up, and come before other faults', async () => {
      const clock = new JumpingClock();
      await withEmulator({ clock }, async (client) => {
        await addRule(client, { kind: 'status', status: 503, operation: 'getDevice' });
        await addRule(client, { kind: 'latency', delayMs: 200 });
        await addRule(client, { kind: 'latency', delayMs: 300, operation: 'getDevice', count: 1 });
        let reply: Reply | undefined;
        const send = async () => {
          reply = await getDevice(client);
          return reply;
        };
        expect(await heldForMs(clock, send)).toBe(500);
        expect(reply?.status).toBe(503);
        expect(await heldForMs(clock, send)).toBe(200);
        expect(reply?.status).toBe(404);
        expect((await client.send('GET', '/$emulator/faults')).body).toEqual([
          { operation: '*', kind: 'latency', delayMs: 200 },
        ]);
      });
    });

    test('a delayed call whose client disconnects ends without a response and is counted', async () => {
      await withEmulator({}, async (client, emulator) => {
        emulator.faults.add({ operation: 'getDevice', kind: 'latency', delayMs: 3_600_000, count: 1 });
        const left = getDevice(client).catch((error: unknown) => error);
        const endsAtMs = Date.now() + 300_000;
        while (emulator.faults.list().length > 0 && Date.now() < endsAtMs)
          await new Promise((resolve) => setTimeout(resolve, 10));
        client.close();
        expect(await left).toMatchObject({ message: 'socket hang up' });
        while (!emulator.counters().requests.getDevice && Date.now() < endsAtMs)
          await new Promise((resolve) => setTimeout(resolve, 10));
        expect(emulator.counters().requests.getDevice).toEqual({ none: 1 });
      });
    });

    test('latencies are drawn uniformly, lognormally or from measured percentiles', () => {
      const at = (sorted: number[], percent: number) => sorted[percent * 10] ?? Number.NaN;
      const uniform = draws({ from: 50, to: 150 });
      expect(at(uniform, 0)).toBeGreaterThanOrEqual(50);
      expect(at(uniform, 50)).toBeGreaterThan(90);
      expect(at(uniform, 50)).toBeLessThan(110);
      const lognormal = draws({ p50: 135, p99: 1800 });
      expect(at(lognormal, 50)).toBeGreaterThan(120);
      expect(at(lognormal, 50)).toBeLessThan(150);
      expect(at(lognormal, 99)).toBeGreaterThan(1200);
      expect(at(lognormal, 99)).toBeLessThan(2700);
      const measured = draws({ percentiles: { 50: 135, 90: 1200, 100: 3200 } });
      expect(at(measured, 0)).toBe(135);
      expect(at(measured, 50)).toBeLessThan(250);
      expect(at(measured, 90)).toBeGreaterThan(1000);
      expect(at(measured, 90)).toBeLessThan(1500);
      expect(measured.at(-1)).toBeLessThanOrEqual(3200);
    });

    test('a drawn latency is always a number from zero to an hour', () => {
      const ms = fc.double({ min: 0, max: 3_600_000, noNaN: true });
      const pair = fc.tuple(ms, ms).map(([left, right]) => [Math.min(left, right), Math.max(left, right)] as const);
      const rule = fc.oneof(
        ms,
        pair.map(([from, to]) => ({ from, to })),
        pair.filter(([low]) => low > 0).map(([p50, p99]) => ({ p50, p99 })),
        pair.map(([low, high]) => ({ percentiles: { 20: low, 80: high } })),
      );
      fc.assert(
        fc.property(rule, fc.integer(), (delayMs, seed) => {
          const delay = drawLatencyMs(readLatency(delayMs), repeatableRandom(seed));
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(3_600_000);
        }),
      );
    });
  });
});

describe('A seed', () => {
  const calls = 40;
  const statuses = async (client: HubClient) => {
    const result: number[] = [];
    for (let call = 0; call < calls; call += 1) result.push((await getDevice(client)).status);
    return result;
  };

  test('with a seed the same calls get the same faults, independent of other calls and rules', async () => {
    const run = async (disturbed: boolean) => {
      const result: number[] = [];
      await withEmulator({ seed: 11 }, async (client) => {
        await addRule(client, { operation: 'getDevice', kind: 'status', status: 500, rate: 0.3 });
        await addRule(client, { operation: 'listDevices', kind: 'status', status: 503, rate: 0.5 });
        for (let call = 0; call < calls; call += 1) {
          if (disturbed) await client.send('GET', '/devices');
          result.push((await getDevice(client)).status);
        }
      });
      return result;
    };
    const first = await run(false);
    expect(new Set(first)).toEqual(new Set([404, 500]));
    expect(await run(false)).toEqual(first);
    expect(await run(true)).toEqual(first);
  });

  test('the seed of a rule restarts its random numbers', async () => {
    await withEmulator({}, async (client) => {
      const rule = { operation: 'getDevice', kind: 'status', status: 500, rate: 0.5, seed: 3 };
      await addRule(client, rule);
      const first = await statuses(client);
      await client.send('DELETE', '/$emulator/faults');
      await addRule(client, rule);
      expect(await statuses(client)).toEqual(first);
      expect(new Set(first)).toEqual(new Set([404, 500]));
    });
  });
});
