import { describe, expect, test } from '@jest/globals';
import { unlessRejected } from '../../shared/unlessRejected.ts';

describe('unlessRejected', () => {
  /** Counts its calls; those that `fails` names are rejected. */
  function counting(fails: (call: number) => boolean): () => Promise<number> {
    let calls = 0;
    return async () => {
      calls += 1;
      if (fails(calls)) throw new Error(`call ${calls}`);
      return calls;
    };
  }

  test('calls once for all callers, also later ones', async () => {
    const once = unlessRejected(counting(() => false));
    expect(await Promise.all([once(), once()])).toEqual([1, 1]);
    expect(await once()).toBe(1);
  });

  test('gives an error to all who wait for it, and calls again afterwards', async () => {
    const once = unlessRejected(counting((call) => call <= 2));
    const both = await Promise.allSettled([once(), once()]);
    expect(both.map((result) => result.status === 'rejected' && result.reason.message)).toEqual(['call 1', 'call 1']);
    await expect(once()).rejects.toThrow('call 2');
    expect(await once()).toBe(3);
    expect(await once()).toBe(3);
  });
});
