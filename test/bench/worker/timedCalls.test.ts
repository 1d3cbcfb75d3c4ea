import { describe, expect, test } from '@jest/globals';
import { TimedCalls } from '../../../bench/worker/timedCalls.ts';

describe('TimedCalls', () => {
  test('measures how long each of two overlapping operations waits', async () => {
    let nowMs = 0;
    const calls = new TimedCalls(() => nowMs);
    const responses = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;
    const hub = calls.wrap({ call: (index: 0 | 1) => responses[index].promise });
    const measure = (index: 0 | 1) =>
      calls.measure(async () => {
        expect(await hub.call(index)).toBe(`response ${index}`);
        nowMs += 1; // own time
      });
    const measured = [measure(0), measure(1)] as const;
    nowMs = 10;
    responses[1].resolve('response 1');
    expect(await measured[1]).toEqual({ totalMs: 11, waitedMs: 10 });
    nowMs = 30;
    responses[0].resolve('response 0');
    expect(await measured[0]).toEqual({ totalMs: 31, waitedMs: 30 });
  });

  test('includes a call that fails, and rethrows its error', async () => {
    let nowMs = 0;
    const calls = new TimedCalls(() => nowMs);
    const hub = calls.wrap({
      call: async () => {
        nowMs += 5;
        throw new Error('throttled');
      },
    });
    const times = await calls.measure(() => expect(hub.call()).rejects.toThrow('throttled'));
    expect(times).toEqual({ totalMs: 5, waitedMs: 5 });
  });
});
