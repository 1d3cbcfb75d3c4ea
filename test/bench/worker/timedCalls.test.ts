import { describe, expect, test } from '@jest/globals';
import { TimedCalls } from '../../../bench/worker/timedCalls.ts';

describe('timed calls', () => {
  test('tell what each piece of work waited for, also where pieces overlap', async () => {
    let nowMs = 0;
    const calls = new TimedCalls(() => nowMs);
    const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;
    const hub = calls.wrap({ ask: (index: 0 | 1) => answers[index].promise });
    const piece = (index: 0 | 1) =>
      calls.measure(async () => {
        expect(await hub.ask(index)).toBe(`answer ${index}`);
        nowMs += 1; // our own work
      });
    const pieces = [piece(0), piece(1)] as const;
    nowMs = 10;
    answers[1].resolve('answer 1');
    expect(await pieces[1]).toEqual({ totalMs: 11, waitedMs: 10 });
    nowMs = 30;
    answers[0].resolve('answer 0');
    expect(await pieces[0]).toEqual({ totalMs: 31, waitedMs: 30 });
  });

  test('count a call that fails, and hand on its error', async () => {
    let nowMs = 0;
    const calls = new TimedCalls(() => nowMs);
    const hub = calls.wrap({
      ask: async () => {
        nowMs += 5;
        throw new Error('throttled');
      },
    });
    const times = await calls.measure(() => expect(hub.ask()).rejects.toThrow('throttled'));
    expect(times).toEqual({ totalMs: 5, waitedMs: 5 });
  });
});
