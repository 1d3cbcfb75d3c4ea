import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Budget } from '../../../shared/hub/budget.ts';
import { type Spending, SpendingWindow } from '../../../shared/hub/spendingWindow.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { type Grant, minuteMs, overfullWindows, take } from './grants.ts';

/** As stored in the hub document. */
const handOn = (spending: Spending): Spending => JSON.parse(JSON.stringify(spending));

describe('consecutive budgets, one per slice,', () => {
  test('never grant more in any 60 seconds than one budget would', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3_000 }),
        fc.array(fc.record({ sliceMs: fc.integer({ min: 1, max: 200_000 }), cost: fc.integer({ min: 1, max: 100 }) }), {
          minLength: 2,
          maxLength: 8,
        }),
        fc.integer({ min: 0, max: 20_000 }),
        async (ratePerMinute, slices, gapMs) => {
          const clock = new FakeClock();
          const grants: Grant[] = [];
          let spending: Spending | undefined;
          for (const { sliceMs, cost } of slices) {
            const budget = new Budget(ratePerMinute, clock, spending ? { spending } : {});
            const ended = new AbortController();
            const work = async () => {
              for (;;) await take(budget, clock, cost, grants, ended.signal);
            };
            const working = work().catch(() => undefined);
            await clock.advance(sliceMs);
            ended.abort();
            await working;
            spending = handOn(budget.spending);
            await clock.advance(gapMs);
          }
          expect(overfullWindows(grants)).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('lose no budget between them: the next call starts when it would have started', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    const grants: Grant[] = [];
    const first = new Budget(50, clock);
    await clock.run(take(first, clock, 5, grants));
    await clock.advance(4_000); // the slice ends while its second call waits
    const second = new Budget(50, clock, { spending: handOn(first.spending) });
    await clock.run(take(second, clock, 5, grants));
    expect(grants.map(({ atMs }) => atMs - startMs)).toEqual([6_000, 12_000]);
  });

  test('store at most a hundred entries, none earlier than its spending', () => {
    const window = new SpendingWindow([], 0);
    for (let index = 0; index < 1_234; index++) window.add(index, 2);
    const entries = window.entries(1_234);
    expect(entries.length).toBeLessThanOrEqual(100);
    expect(entries.reduce((sum, [, cost]) => sum + cost, 0)).toBe(2_468);
    expect(entries[0]?.[0]).toBeGreaterThan(0);
    expect(entries.at(-1)?.[0]).toBe(1_233);
  });

  test('date the spending of a delayed call by the time when it is sent', async () => {
    const clock = new FakeClock();
    const budget = new Budget(60, clock);
    const startMs = clock.now();
    const send = await clock.run(budget.take(60));
    await clock.advance(30_000);
    send();
    await clock.run(budget.take(60));
    expect(clock.now() - startMs).toBe(2.5 * minuteMs);
  });

  test('start empty if nothing was stored within the last minute', async () => {
    const clock = new FakeClock();
    const { spending } = new Budget(60, clock);
    await clock.advance(minuteMs);
    const startMs = clock.now();
    await clock.run(new Budget(60, clock, { spending: handOn(spending) }).take(10));
    expect(clock.now() - startMs).toBe(10_000);
  });

  test('consecutive budgets let a call pass that costs more than one slice has', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    let budget = new Budget(2, clock);
    let isPaid = false;
    for (let slice = 0; slice < 4 && !isPaid; slice++) {
      const ended = new AbortController();
      const taking = budget.take(1, ended.signal).then(
        () => true,
        () => false,
      );
      await clock.advance(10_000);
      ended.abort();
      isPaid = await taking;
      budget = new Budget(2, clock, { spending: handOn(budget.spending) });
    }
    expect([isPaid, clock.now() - startMs]).toEqual([true, 30_000]);
  });

  test('count spending that a clock ahead of theirs stored as of the next second', async () => {
    const clock = new FakeClock();
    const startMs = clock.now();
    const ahead = startMs + 10 * minuteMs;
    const budget = new Budget(60, clock, {
      spending: { atMs: ahead, paidAtMs: ahead, rateSinceMs: ahead, lastMinute: [[ahead, 60]] },
    });
    await clock.run(budget.take(1));
    expect(clock.now() - startMs).toBe(minuteMs + 1_000);
  });
});
