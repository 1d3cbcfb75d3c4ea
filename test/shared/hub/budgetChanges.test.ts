import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Budget } from '../../../shared/hub/budget.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { type Grant, minuteMs, take } from './grants.ts';

describe('a budget after a throttled response', () => {
  test('halves its rate each time, down to 1/32 of the granted rate', () => {
    const budget = new Budget(3_200, new FakeClock());
    const rates = Array.from({ length: 7 }, () => {
      budget.slowDown();
      return budget.ratePerMinute;
    });
    expect(rates).toEqual([1_600, 800, 400, 200, 100, 100, 100]);
  });

  test('halves its rate once for calls that were in flight together', async () => {
    const clock = new FakeClock();
    const budget = new Budget(1_600, clock);
    const sentAtMs = clock.elapsedMs();
    await clock.advance(2_000);
    for (let response = 0; response < 3; response++) budget.slowDown(sentAtMs);
    expect(budget.ratePerMinute).toBe(800);
    await clock.advance(1_000);
    budget.slowDown(clock.elapsedMs());
    expect(budget.ratePerMinute).toBe(400);
  });

  test('raises its rate by a twentieth of the granted rate every 30 seconds, up to the granted rate', async () => {
    const clock = new FakeClock();
    const budget = new Budget(100, clock);
    budget.slowDown();
    await clock.advance(29_999);
    await clock.run(budget.take(1));
    expect(budget.ratePerMinute).toBe(50);
    await clock.advance(30_000);
    await clock.run(budget.take(1));
    expect(budget.ratePerMinute).toBe(55);
    await clock.advance(600_000);
    await clock.run(budget.take(1));
    expect(budget.ratePerMinute).toBe(100);
  });

  test('starts with the learned rate, limited by the granted rate', () => {
    const rate = (learned: number) => new Budget(100, new FakeClock(), { learnedPerMinute: learned }).ratePerMinute;
    expect([30, 100, 400, 0].map(rate)).toEqual([30, 100, 100, 100 / 32]);
  });
});

describe('the used share of a budget', () => {
  test('is the spending of the last minute divided by the granted rate, whichever budget spent it', async () => {
    const clock = new FakeClock();
    const before = new Budget(100, clock);
    await clock.run(before.take(20));
    const budget = new Budget(100, clock, { spending: before.spending });
    expect(budget.usedShare).toBe(0.2);
    await clock.advance(30_000);
    await clock.run(budget.take(5));
    budget.slowDown();
    expect(budget.usedShare).toBe(0.25);
    await clock.advance(30_000);
    expect(budget.usedShare).toBe(0.05);
    await clock.advance(30_000);
    expect(budget.usedShare).toBe(0);
  });
});

describe('an aborted wait for budget', () => {
  test('rejects at once with the reason', async () => {
    const clock = new FakeClock();
    const budget = new Budget(1, clock);
    const abort = new AbortController();
    const reason = new Error('the slice ended');
    const waits = [budget.take(1, abort.signal), budget.take(1, abort.signal)];
    const outcomes = Promise.allSettled(waits);
    await clock.advance(1_000);
    const atMs = clock.elapsedMs();
    abort.abort(reason);
    expect(await outcomes).toEqual(waits.map(() => ({ status: 'rejected', reason })));
    expect(clock.elapsedMs()).toBe(atMs);
    await expect(budget.take(1, abort.signal)).rejects.toBe(reason);
  });

  test('spends nothing, and keeps the order of the other callers', async () => {
    const clock = new FakeClock();
    const budget = new Budget(60, clock);
    const startMs = clock.now();
    const abort = new AbortController();
    const grants: Grant[] = [];
    const first = take(budget, clock, 10, grants);
    const second = take(budget, clock, 20, grants, abort.signal).catch((error: unknown) => error);
    const third = take(budget, clock, 5, grants);
    abort.abort('enough');
    expect(await second).toBe('enough');
    await clock.run(Promise.all([first, third]));
    expect(grants.map((grant) => [grant.cost, grant.atMs - startMs])).toEqual([
      [10, 10_000],
      [5, 15_000],
    ]);
  });
});

describe('the even cost of calls', () => {
  test('uses at least 0.99 of every integer rate', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), (ratePerMinute) => {
        const even = new Budget(ratePerMinute, new FakeClock()).evenCost(10_000, 100);
        expect(Math.floor(ratePerMinute / even) * even).toBeGreaterThanOrEqual(0.99 * ratePerMinute);
        expect(even).toBeLessThanOrEqual(100);
        expect((even / ratePerMinute) * minuteMs).toBeLessThanOrEqual(Math.max(10_000, minuteMs / ratePerMinute));
      }),
    );
  });

  test.each([
    [50, 5],
    [25, 1],
    [75, 5],
    [2_500, 100],
    [1, 1],
  ])('at a rate of %i per minute is %i', (ratePerMinute, size) => {
    expect(new Budget(ratePerMinute, new FakeClock()).evenCost(10_000, 100)).toBe(size);
  });
});
