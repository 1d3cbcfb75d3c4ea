import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { concurrently } from '../../shared/concurrently.ts';

describe('concurrently', () => {
  test('runs the work once for every item, never on more than `concurrency` at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(5), { maxLength: 40 }),
        fc.integer({ min: 1, max: 8 }),
        async (turns, concurrency) => {
          const done: number[] = [];
          let running = 0;
          let mostRunning = 0;
          await concurrently(turns.entries(), concurrency, async ([index, waits]) => {
            running += 1;
            mostRunning = Math.max(mostRunning, running);
            for (let turn = 0; turn < waits; turn++) await Promise.resolve();
            running -= 1;
            done.push(index);
          });
          expect(done.sort((a, b) => a - b)).toEqual(turns.map((_, index) => index));
          expect(mostRunning).toBeLessThanOrEqual(concurrency);
        },
      ),
    );
  });

  test('throws the first error after all started work has ended, and starts no more', async () => {
    const ended: number[] = [];
    const work = concurrently([0, 1, 2, 3, 4, 5], 2, async (item) => {
      for (let turn = 0; turn < (item === 0 ? 1 : 20); turn++) await Promise.resolve();
      if (item === 0) throw new Error('first');
      ended.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect(ended).toEqual([1]);
  });
});
