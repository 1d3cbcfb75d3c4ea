import { describe, expect, test } from '@jest/globals';
import { systemClock } from '../../shared/clock.ts';

describe("the system's clock", () => {
  test('tells the time of the system', () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  test('wakes a sleeper after the time that it asked for', async () => {
    const startMs = performance.now();
    await systemClock.sleep(30);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(29); // timers count whole milliseconds
  });

  test('wakes at once who asks for no time, or less', async () => {
    for (const delayMs of [0, -5, 0.4]) {
      const startMs = performance.now();
      await systemClock.sleep(delayMs);
      expect(performance.now() - startMs).toBeLessThan(5_000);
    }
  });

  test('ends a sleep with the reason of an abort, whatever the reason is', async () => {
    for (const reason of [new Error('the slice ended'), 'stop', 0, null]) {
      const abort = new AbortController();
      const sleeping = systemClock.sleep(3_600_000, abort.signal);
      abort.abort(reason);
      await expect(sleeping).rejects.toBe(reason);
    }
  });

  test('does not begin to sleep when that was aborted before', async () => {
    const reason = new Error('stopping');
    await expect(systemClock.sleep(3_600_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test('has slept all the same when an abort comes too late', async () => {
    const abort = new AbortController();
    const sleeping = systemClock.sleep(1, abort.signal);
    await sleeping;
    abort.abort(new Error('too late'));
    await expect(sleeping).resolves.toBeUndefined();
  });
});
