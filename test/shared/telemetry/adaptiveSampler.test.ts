import { describe, expect, test } from '@jest/globals';
import { AdaptiveSampler } from '../../../shared/telemetry/adaptiveSampler.ts';
import { FakeClock } from '../../support/fakeClock.ts';

/** Returns trace ids that are evenly distributed. */
function traceId(index: number): string {
  const position = Math.floor(((index * 0.618034) % 1) * 2 ** 32);
  return position.toString(16).padStart(32, '0');
}

describe('AdaptiveSampler', () => {
  test('keeps every operation while there are few', async () => {
    const clock = new FakeClock();
    const sampler = new AdaptiveSampler(clock);
    for (let index = 0; index < 200; index++) {
      expect(sampler.sample(traceId(index))).toBe(100);
      await clock.advance(250);
    }
  });

  test('keeps about five of many operations a second, and returns the sample rate', async () => {
    const clock = new FakeClock();
    const sampler = new AdaptiveSampler(clock);
    let kept: number[] = [];
    for (let second = 0; second < 60; second++) {
      if (second === 20) kept = []; // before that, it has not measured the rate
      for (let index = 0; index < 200; index++) kept.push(sampler.sample(traceId(second * 200 + index)) ?? 0);
      await clock.advance(1_000);
    }
    const share = kept.filter((percent) => percent > 0).length / kept.length;
    expect(share).toBeGreaterThan(0.015);
    expect(share).toBeLessThan(0.04);
    expect(new Set(kept)).toEqual(new Set([0, 2.5]));
  });

  test('keeps one in forty of 200 operations a second by the last digits of the id, as in docs/telemetry.md', () => {
    const sampler = new AdaptiveSampler(new FakeClock());
    for (let index = 0; index < 1_997; index++) sampler.sample(traceId(index));
    expect(sampler.sample(`${'f'.repeat(24)}01000000`)).toBeCloseTo(2.5, 1);
    expect(sampler.sample(`${'0'.repeat(24)}80000000`)).toBeUndefined();
  });

  test('keeps with a low rate what another sampler keeps with a high rate', () => {
    const [busy, quiet] = [new AdaptiveSampler(new FakeClock()), new AdaptiveSampler(new FakeClock())];
    for (let index = 0; index < 5_000; index++) busy.sample(traceId(index));
    const ids = Array.from({ length: 40 }, (_, index) => traceId(index * 7));
    const keptByQuiet = ids.filter((id) => quiet.sample(id) !== undefined);
    const keptByBusy = ids.filter((id) => busy.sample(id) !== undefined);
    expect(keptByQuiet).toEqual(ids);
    expect(keptByBusy.length).toBeLessThan(5);
  });
});
