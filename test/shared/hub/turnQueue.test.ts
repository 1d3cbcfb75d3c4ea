import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { Budget } from '../../../shared/hub/budget.ts';
import type { Priority } from '../../../shared/hub/turnQueue.ts';
import { FakeClock } from '../../support/fakeClock.ts';

/** Serves both kinds of callers of an S1 hub at 50 % for so long; returns what each kind spent, and the longest waits. */
async function compete(arrivalsPerMinute: number, sweepCost: number, minutes: number) {
  const clock = new FakeClock();
  const budget = new Budget(50, clock);
  const endMs = clock.now() + minutes * 60_000;
  const spent: Record<Priority, number> = { high: 0, normal: 0 };
  const waitsMs: number[] = [];
  const sweep = async () => {
    while (clock.now() < endMs) {
      (await budget.take(sweepCost))();
      spent.normal += sweepCost;
    }
  };
  const device = async () => {
    const cameMs = clock.now();
    (await budget.take(1, undefined, 'high'))();
    spent.high += 1;
    waitsMs.push(clock.now() - cameMs);
  };
  const devices: Promise<void>[] = [];
  const arrive = async () => {
    while (clock.now() < endMs) {
      devices.push(device());
      await clock.sleep(60_000 / arrivalsPerMinute);
    }
  };
  const startMs = clock.now();
  await clock.run(Promise.all([sweep(), arrive()]));
  const result = { spent: { ...spent }, minutes: (clock.now() - startMs) / 60_000, waitsMs };
  await clock.run(Promise.all(devices));
  return result;
}

test('a device waits for at most one call of a sweep that keeps its hub busy', async () => {
  const { waitsMs } = await compete(10, 5, 20);
  expect(Math.max(...waitsMs)).toBeLessThan(10_000);
});

test('a sweep keeps a quarter of the rate under more devices than the hub can take', async () => {
  const { spent } = await compete(55, 5, 60);
  expect(spent.normal).toBeGreaterThanOrEqual(0.24 * 50 * 60);
  expect(spent.high).toBeGreaterThanOrEqual(0.7 * 50 * 60);
});

test('two kinds of callers together never spend more than the rate allows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 10 }), async (arrivals, cost) => {
      const { spent, minutes } = await compete(arrivals, cost, 10);
      // Unused budget of 10 s, or of one call, may be caught up with.
      expect(spent.high + spent.normal).toBeLessThanOrEqual(50 * minutes + Math.max(50 / 6, cost));
    }),
    { numRuns: 20 },
  );
});
