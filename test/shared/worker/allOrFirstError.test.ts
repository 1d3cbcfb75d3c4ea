import { describe, expect, test } from '@jest/globals';
import { allOrFirstError } from '../../../shared/worker/allOrFirstError.ts';

/** A task that ends with `error` when `stop` is aborted. */
function untilStopped(stop: AbortController, error: unknown): Promise<never> {
  return new Promise((_, reject) => stop.signal.addEventListener('abort', () => reject(error)));
}

describe('allOrFirstError', () => {
  test('returns all results', async () => {
    const results = allOrFirstError([Promise.resolve(1), Promise.resolve(2)], new AbortController(), () => {});
    expect(await results).toEqual([1, 2]);
  });

  test('stops the others at a first error, throws it, and passes on each different one', async () => {
    const stop = new AbortController();
    const [first, defect] = [new Error('deadline'), new TypeError('defect')];
    const further: unknown[] = [];
    const tasks = [
      untilStopped(stop, defect),
      Promise.reject(first),
      untilStopped(stop, first),
      untilStopped(stop, defect),
    ];
    await expect(allOrFirstError(tasks, stop, (error) => further.push(error))).rejects.toBe(first);
    expect(stop.signal.reason).toBe(first);
    expect(further).toEqual([defect]);
  });
});
