import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../shared/clock.ts';

describe('systemClock', () => {
  test('returns the time of the system', () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('sleep resolves after the delay', async () => {
    const startMs = performance.now();
    await systemClock.sleep(30);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(29); // timers have a resolution of 1 ms
  });

  test('sleep resolves at once if the delay is zero or negative', async () => {
    for (const delayMs of [0, -5, 0.4]) await expect(systemClock.sleep(delayMs)).resolves.toBeUndefined();
  });

  test('sleep rejects with the reason of an abort, whatever its type', async () => {
    for (const reason of [new Error('the slice ended'), 'stop', 0, null]) {
      const abort = new AbortController();
      const sleeping = systemClock.sleep(3_600_000, abort.signal);
      abort.abort(reason);
      await expect(sleeping).rejects.toBe(reason);
    }
  });

  test('sleep rejects at once if the signal was aborted before', async () => {
    const reason = new Error('stopping');
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('sleep ignores an abort after it has resolved', async () => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(1, abort.signal);
    await sleeping;
    abort.abort(new Error('too late'));
    await expect(sleeping).resolves.toBeUndefined();
  });
});
