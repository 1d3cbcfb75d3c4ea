import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { IntakeBucket } from '../../../shared/hub/intakeBucket.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { hubConfig } from './hubConfig.ts';

/** One S1 unit allows 100 registry operations a minute, so the intake's share is 5. */
function s1Bucket() {
  const clock = new FakeClock();
  return { clock, bucket: new IntakeBucket(hubConfig(), clock) };
}

function bucketOf(registryOpsPerMinute: number, clock: FakeClock): IntakeBucket {
  return new IntakeBucket(hubConfig({ limits: { ...tierLimits('S1', 1), registryOpsPerMinute } }), clock);
}

describe('an intake bucket', () => {
  test('holds five per cent of the registry limit per minute', () => {
    const { bucket } = s1Bucket();
    for (let token = 0; token < 5; token++) bucket.tryAcquire(1)?.release();
    expect(bucket.tryAcquire(1)).toBeUndefined();
  });

  test('refills at that rate, up to its capacity', async () => {
    const { clock, bucket } = s1Bucket();
    for (let token = 0; token < 5; token++) bucket.tryAcquire(1)?.release();
    await clock.advance(11_999);
    expect(bucket.tryAcquire(1)).toBeUndefined();
    await clock.advance(1);
    bucket.tryAcquire(1)?.release();
    expect(bucket.tryAcquire(1)).toBeUndefined();
    await clock.advance(3_600_000);
    let entered = 0;
    while (bucket.tryAcquire(1)) entered += 1;
    expect(entered).toBe(5);
  });

  test('has five slots, however many tokens there are', () => {
    const bucket = bucketOf(5_000, new FakeClock());
    const places = Array.from({ length: 5 }, () => bucket.tryAcquire(1));
    expect(places).not.toContain(undefined);
    expect(bucket.tryAcquire(1)).toBeUndefined();
    places[0]?.release();
    expect(bucket.tryAcquire(1)).toBeDefined();
    expect(bucket.tryAcquire(1)).toBeUndefined();
  });

  test('frees a slot once, however often it is released', () => {
    const bucket = bucketOf(5_000, new FakeClock());
    const places = Array.from({ length: 5 }, () => bucket.tryAcquire(1));
    places[0]?.release();
    places[0]?.release();
    expect(bucket.tryAcquire(1)).toBeDefined();
    expect(bucket.tryAcquire(1)).toBeUndefined();
  });

  test('lets work start that costs more than its capacity if it is full, and then has a negative balance', async () => {
    const { clock, bucket } = s1Bucket();
    bucket.tryAcquire(8)?.release();
    await clock.advance(47_999); // three missing operations and the requested one
    expect(bucket.tryAcquire(1)).toBeUndefined();
    await clock.advance(1);
    expect(bucket.tryAcquire(1)).toBeDefined();
    const { bucket: used } = s1Bucket();
    used.tryAcquire(1)?.release();
    expect(used.tryAcquire(8)).toBeUndefined();
  });

  test('lets work start that costs nothing with any balance, but only in a free slot', () => {
    const { bucket } = s1Bucket();
    bucket.tryAcquire(8)?.release();
    for (let slot = 0; slot < 5; slot++) expect(bucket.tryAcquire(0)).toBeDefined();
    expect(bucket.tryAcquire(0)).toBeUndefined();
  });

  test('spends at most its capacity, or one larger cost, more than its refill, over any time', async () => {
    const largest = 12;
    const steps = fc.array(fc.record({ cost: fc.integer({ min: 1, max: largest }), idleMs: fc.nat(60_000) }), {
      maxLength: 100,
      size: 'max',
    });
    await fc.assert(
      fc.asyncProperty(steps, async (tries) => {
        const { clock, bucket } = s1Bucket();
        const startMs = clock.now();
        let spent = 0;
        for (const { cost, idleMs } of tries) {
          const slot = bucket.tryAcquire(cost);
          slot?.release();
          if (slot) spent += cost;
          expect(spent).toBeLessThanOrEqual(largest + (5 * (clock.now() - startMs)) / 60_000 + 1e-6);
          await clock.advance(idleMs);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('retryAfterMs of an intake bucket', () => {
  test('is 0 while there are enough tokens and a free slot', () => {
    const { bucket } = s1Bucket();
    expect(bucket.retryAfterMs(5)).toBe(0);
  });

  test('is the time until the missing tokens are refilled', async () => {
    const { clock, bucket } = s1Bucket();
    bucket.tryAcquire(5)?.release();
    expect(bucket.retryAfterMs(2)).toBe(24_000);
    await clock.advance(20_000);
    expect(bucket.retryAfterMs(2)).toBe(4_000);
  });

  test('is a second while all five slots are in use', () => {
    const bucket = bucketOf(5_000, new FakeClock());
    for (let slot = 0; slot < 5; slot++) bucket.tryAcquire(1);
    expect(bucket.retryAfterMs(1)).toBe(1_000);
  });

  test('is long enough: tryAcquire succeeds after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.record({ cost: fc.integer({ min: 1, max: 6 }), idleMs: fc.nat(5_000) }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        async (opsPerMinute, uses, cost) => {
          const clock = new FakeClock();
          const bucket = bucketOf(opsPerMinute, clock);
          for (const use of uses) {
            bucket.tryAcquire(use.cost)?.release();
            await clock.advance(use.idleMs);
          }
          await clock.advance(bucket.retryAfterMs(cost));
          expect(bucket.tryAcquire(cost)).toBeDefined();
        },
      ),
    );
  });
});
