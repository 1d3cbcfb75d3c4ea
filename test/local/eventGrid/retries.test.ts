import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Subscription, startSubscription } from '../../../local/eventGrid/startSubscription.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { deviceCreatedSample } from './deviceCreatedSample.ts';

const hourMs = 3_600_000;

/** An endpoint in memory: `results` returns the status for the n-th notification (from 0), or the kind of failure. */
function world(results: (attempt: number) => number | 'noResponse' | 'reset', clock = new FakeClock()) {
  const attemptsAtMs: number[] = [];
  const deliveryCounts: (string | null)[] = [];
  const log: string[] = [];
  const start = clock.now();
  const fetchStandIn: typeof fetch = async (_url, init) => {
    const headers = new Headers(init?.headers);
    if (headers.get('aeg-event-type') === 'SubscriptionValidation') {
      const [{ data }] = JSON.parse(String(init?.body));
      return Response.json({ validationResponse: data.validationCode });
    }
    deliveryCounts.push(headers.get('aeg-delivery-count'));
    const result = results(attemptsAtMs.push(clock.now() - start) - 1);
    if (result === 'reset') throw new TypeError('fetch failed');
    if (result === 'noResponse') {
      return new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      );
    }
    return new Response(null, { status: result });
  };
  const subscription = startSubscription({
    endpoint: 'http://endpoint/?code=secret',
    clock,
    random: () => 0,
    log: (message) => log.push(message),
    fetch: fetchStandIn,
  });
  return { clock, subscription, attemptsAtMs, deliveryCounts, log };
}

async function deliverOne({ clock, subscription }: { clock: FakeClock; subscription: Subscription }): Promise<void> {
  subscription.publish(deviceCreatedSample());
  await clock.run(subscription.idle());
}

/** Seconds between one attempt and the next. */
function waitsInSeconds(attemptsAtMs: number[]): number[] {
  return attemptsAtMs.slice(1).map((atMs, index) => (atMs - (attemptsAtMs[index] ?? 0)) / 1000);
}

describe('retries', () => {
  test('retries follow the published schedule until the event is 24 hours old', async () => {
    const it = world(() => 500);
    await deliverOne(it);
    expect(waitsInSeconds(it.attemptsAtMs)).toEqual([10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200]);
    expect(it.attemptsAtMs.at(-1)).toBeLessThan(24 * hourMs);
    expect(it.deliveryCounts).toEqual(it.attemptsAtMs.map((_atMs, index) => String(index)));
    expect(it.subscription.deadLetters).toEqual([
      {
        event: deviceCreatedSample(),
        deadLetterReason: 'TimeToLiveExceeded',
        deliveryAttempts: 11,
        lastDeliveryOutcome: 'InternalServerError',
        publishTime: '2026-11-23T02:00:00.000Z',
      },
    ]);
    expect(it.subscription.pending).toBe(0);
  });

  test.each([
    [401, 'Unauthorized'],
    [400, 'BadRequest'],
    [403, 'Forbidden'],
    [413, 'RequestEntityTooLarge'],
  ])('an event is dead-lettered without retry after %i', async (status, lastDeliveryOutcome) => {
    const it = world(() => status);
    await deliverOne(it);
    expect(it.attemptsAtMs).toEqual([0]);
    expect(it.subscription.deadLetters).toMatchObject([
      { deadLetterReason: 'NotRetriable', deliveryAttempts: 1, lastDeliveryOutcome },
    ]);
  });

  test.each([
    [404, 300],
    [408, 120],
    [503, 30],
    [429, 10],
    [500, 10],
    [302, 10],
  ])('the retry after %i waits at least %i s', async (status, seconds) => {
    const it = world((attempt) => (attempt === 0 ? status : 200));
    await deliverOne(it);
    expect(waitsInSeconds(it.attemptsAtMs)).toEqual([seconds]);
    expect(it.subscription.delivered).toBe(1);
  });

  test.each([200, 201, 202, 203, 204])('an event is delivered with status %i', async (status) => {
    const it = world(() => status);
    await deliverOne(it);
    expect(it.attemptsAtMs).toHaveLength(1);
    expect(it.subscription).toMatchObject({ delivered: 1, deadLetters: [] });
  });

  test('an event is retried after 205 and 206, since only 200 to 204 are success', async () => {
    const it = world((attempt) => [205, 206][attempt] ?? 200);
    await deliverOne(it);
    expect(it.attemptsAtMs).toHaveLength(3);
  });

  test('a request without response times out after 30 seconds and is retried', async () => {
    const it = world((attempt) => (attempt === 0 ? 'noResponse' : 200));
    await deliverOne(it);
    expect(it.attemptsAtMs).toEqual([0, 40_000]);
    expect(it.log).toContainEqual(expect.stringContaining('TimedOut'));
  });

  test('an event is retried after a reset connection', async () => {
    const it = world((attempt) => (attempt === 0 ? 'reset' : 200));
    await deliverOne(it);
    expect(waitsInSeconds(it.attemptsAtMs)).toEqual([10]);
  });

  test('the log never contains the address of the endpoint', async () => {
    const it = world((attempt) => (['reset', 'noResponse', 404] as const)[attempt] ?? 400);
    await deliverOne(it);
    expect(it.log.length).toBeGreaterThan(3);
    expect(it.log.join()).not.toMatch(/secret|http/);
  });

  test('every event is delivered or dead-lettered exactly once, with any responses', async () => {
    const result = fc.constantFrom<number | 'noResponse' | 'reset'>(
      200,
      202,
      404,
      429,
      500,
      503,
      'noResponse',
      'reset',
      413,
    );
    await fc.assert(
      fc.asyncProperty(fc.array(result, { maxLength: 12 }), fc.integer({ min: 1, max: 6 }), async (results, count) => {
        const it = world((attempt) => results[attempt] ?? 204);
        for (let n = 0; n < count; n += 1) it.subscription.publish(deviceCreatedSample(`d${n}`));
        await it.clock.run(it.subscription.idle());
        expect(it.subscription.delivered + it.subscription.deadLetters.length).toBe(count);
        expect(it.subscription.pending).toBe(0);
        await it.subscription.close();
      }),
      { numRuns: 60 },
    );
  });
});
