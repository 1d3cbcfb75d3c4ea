import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Budget } from '../../../shared/hub/budget.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { type Grant, minuteMs, overfullWindows, take } from './grants.ts';

type Step = { do: 'take' | 'takeMany'; costs: number[] } | { do: 'slowDown' } | { do: 'idle'; ms: number };

const cost = fc.integer({ min: 1, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: cost.map((one): Step => ({ do: 'take', costs: [one] })) },
  { weight: 2, arbitrary: fc.array(cost, { maxLength: 5 }).map((costs): Step => ({ do: 'takeMany', costs })) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'slowDown' }) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 150_000 }).map((ms): Step => ({ do: 'idle', ms })) },
);

describe('a budget', () => {
  test('never grants more in any 60 seconds than the rate per minute, or one call that costs more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 1, max: 5_000, noNaN: true }),
        fc.double({ min: 0, max: 6_000, noNaN: true }),
        fc.array(step, { maxLength: 60, size: 'max' }),
        async (granted, learned, steps) => {
          const clock = new FakeClock();
          const budget = new Budget(granted, clock, { learnedPerMinute: learned });
          const grants: Grant[] = [];
          const startMs = clock.now();
          for (const one of steps) {
            if (one.do === 'slowDown') budget.slowDown();
            else if (one.do === 'idle') await clock.advance(one.ms);
            else await clock.run(Promise.all(one.costs.map((c) => take(budget, clock, c, grants))));
            expect(budget.ratePerMinute).toBeGreaterThanOrEqual(granted / 32);
            expect(budget.ratePerMinute).toBeLessThanOrEqual(granted);
          }
          expect(overfullWindows(grants)).toEqual([]);
          // It starts empty, so in all it may not grant more than the rate has paid for.
          const last = grants.at(-1);
          const paid = last ? ((last.atMs - startMs) / minuteMs) * granted : 0;
          expect(grants.reduce((sum, grant) => sum + grant.cost, 0)).toBeLessThanOrEqual(paid + 1e-3);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('keeps that limit if it is slowed down while several callers wait', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(cost, { minLength: 2, maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 4 }),
        async (costs, slowDownsAfterMs) => {
          const clock = new FakeClock();
          const budget = new Budget(200, clock);
          const grants: Grant[] = [];
          const all = Promise.all(costs.map((c) => take(budget, clock, c, grants)));
          for (const ms of slowDownsAfterMs) {
            await clock.advance(ms);
            budget.slowDown();
          }
          await clock.run(all);
          expect(overfullWindows(grants)).toEqual([]);
          expect(grants.map((grant) => grant.cost)).toEqual(costs); // first come, first served
        },
      ),
      { numRuns: 100 },
    );
  });

  test('spends at least 0.97 of its rate over many calls of even cost, however long they take', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.double({ min: 0, max: 0.9, noNaN: true }), { minLength: 1, maxLength: 30 }),
        async (ratePerMinute, partsOfInterval) => {
          const clock = new FakeClock();
          const budget = new Budget(ratePerMinute, clock);
          const even = budget.evenCost(10_000, 100);
          const intervalMs = (even / ratePerMinute) * minuteMs;
          const startMs = clock.now();
          const grants: Grant[] = [];
          const minutes = 30;
          const work = async () => {
            for (let call = 0; clock.now() < startMs + minutes * minuteMs; call++) {
              await take(budget, clock, even, grants);
              await clock.sleep((partsOfInterval[call % partsOfInterval.length] ?? 0) * intervalMs);
            }
          };
          await clock.run(work());
          const spent = grants.reduce((sum, grant) => sum + grant.cost, 0);
          expect(spent).toBeGreaterThanOrEqual(0.97 * ratePerMinute * minutes - even);
          expect(overfullWindows(grants)).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('catches up after a call that took longer than its share of time', async () => {
    const clock = new FakeClock();
    const budget = new Budget(60, clock);
    const startMs = clock.now();
    const grants: Grant[] = [];
    await clock.run(
      (async () => {
        for (let call = 0; call < 240; call++) {
          await take(budget, clock, 5, grants);
          await clock.sleep(call % 12 === 0 ? 8_000 : 1_000);
        }
      })(),
    );
    const minutes = (clock.now() - startMs) / minuteMs;
    expect(1_200 / minutes).toBeGreaterThanOrEqual(0.97 * 60);
    expect(overfullWindows(grants)).toEqual([]);
  });

  test('starts empty: the first call waits until the rate has paid for it', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    await clock.run(new Budget(50, clock).take(5));
    expect(clock.now() - startMs).toBe(6_000);
  });

  test('spaces calls evenly', async () => {
    const clock = new FakeClock();
    const budget = new Budget(50, clock);
    const grants: Grant[] = [];
    for (let call = 0; call < 30; call++) await clock.run(take(budget, clock, 5, grants));
    const gaps = grants.slice(1).map((grant, index) => Math.round(grant.atMs - (grants[index]?.atMs ?? 0)));
    expect(new Set(gaps)).toEqual(new Set([6_000]));
  });

  test('catches up with at most ten seconds of idle time at once', async () => {
    const clock = new FakeClock();
    const budget = new Budget(60, clock);
    await clock.advance(600_000);
    const grants: Grant[] = [];
    for (let call = 0; call < 20; call++) await clock.run(take(budget, clock, 1, grants));
    const first = grants[0]?.atMs ?? 0;
    expect(grants.filter(({ atMs }) => atMs === first)).toHaveLength(10);
  });

  test('lets a call through that costs more than the rate per minute, alone in its window', async () => {
    const clock = new FakeClock();
    const budget = new Budget(10, clock);
    const startMs = clock.now();
    const grants: Grant[] = [];
    for (const c of [1, 40, 1]) await clock.run(take(budget, clock, c, grants));
    expect(grants.map(({ atMs }) => atMs - startMs)).toEqual([6_000, 246_000, 306_000]);
  });
});
