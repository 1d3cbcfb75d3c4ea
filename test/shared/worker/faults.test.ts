import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatableRandom } from '../../../local/repeatableRandom.ts';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { driveRun } from '../../support/driveRun.ts';
import { failBetween, failByChance, hangByChance, throttleBy, truncateByChance } from '../../support/hubFaults.ts';
import { agent } from '../../support/policy.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import type { WorkerBench } from '../../support/workerBench.ts';
import { benchWithFleet, expectTruth, keysOf } from './faultsFleet.ts';

const minuteMs = 60_000;

/** Runs a sweep to its end and compares its counts with the hub. */
async function sweepThrough(bench: WorkerBench) {
  const keys = keysOf(bench);
  const { runId } = await bench.start();
  const life = await driveRun(bench, runId);
  expectTruth(bench, life.run, keys);
  return life;
}

describe('a sweep is done, with the counts of its hub and no device wrongly failed or gone,', () => {
  test('on a hub four times smaller than configured, with at most 5 % of its requests throttled', async () => {
    const bench = benchWithFleet(6_000, { tier: 'S1', units: 4 });
    const seen = throttleBy(bench.hub, bench.clock, tierLimits('S1', 1));
    const { waitedFor } = await sweepThrough(bench);
    expect(seen.refused / (seen.served + seen.refused)).toBeLessThanOrEqual(0.05);
    expect(seen.refused).toBeGreaterThan(0);
    expect(waitedFor.join()).toMatch(/throttled \(HTTP 429/);
  });

  test.each([
    ['responds 429', { kind: 'throttled', status: 429, code: 'ThrottlingException' }, /throttled \(HTTP 429/],
    ['fails over (404012)', { kind: 'unavailable', status: 404, code: '404012' }, /unavailable \(HTTP 404, 404012/],
  ] as const)('when the hub %s for ten minutes', async (_mood, failure, reason) => {
    const alone = await sweepThrough(benchWithFleet(2_000, { tier: 'S2', units: 1 }));
    const bench = benchWithFleet(2_000, { tier: 'S2', units: 1 });
    const forMs = 10 * minuteMs;
    failBetween(bench.hub, bench.clock, { ...failure, fromMs: bench.clock.now() + 3 * minuteMs, forMs });
    const { waitedFor, tookMs } = await sweepThrough(bench);
    expect(waitedFor.join()).toMatch(reason);
    expect(tookMs).toBeGreaterThanOrEqual(forMs);
    expect(tookMs - alone.tookMs).toBeLessThan(25 * minuteMs);
  });

  test('when the hub is unavailable from the first call on', async () => {
    const bench = benchWithFleet(200, { tier: 'S3', units: 1 });
    const failure = { kind: 'unavailable', status: 503, code: 'ServiceUnavailable' } as const;
    failBetween(bench.hub, bench.clock, { ...failure, fromMs: 0, forMs: bench.clock.now() + 10 * minuteMs });
    const { waitedFor } = await sweepThrough(bench);
    expect(waitedFor.join()).toMatch(/unavailable \(HTTP 503/);
  });

  test('when its key is rotated during the run and the settings are fixed an hour later', async () => {
    const alone = await sweepThrough(benchWithFleet(2_000, { tier: 'S2', units: 1 }));
    const bench = benchWithFleet(2_000, { tier: 'S2', units: 1 });
    const failure = { kind: 'unauthorized', status: 401, code: 'Unauthorized' } as const;
    failBetween(bench.hub, bench.clock, { ...failure, fromMs: bench.clock.now() + 3 * minuteMs, forMs: 60 * minuteMs });
    const { waitedFor, tookMs } = await sweepThrough(bench);
    expect(waitedFor.join()).toMatch(/unauthorized \(HTTP 401.*needs the role/);
    expect(tookMs - alone.tookMs).toBeLessThan(70 * minuteMs);
  });

  const moods: [string, (bench: WorkerBench, random: () => number) => void][] = [
    ['30 % of all calls end in a 500', ({ hub }, random) => failByChance(hub, 0.3, random)],
    ['20 % of all responses are truncated', ({ hub }, random) => truncateByChance(hub, 0.2, random)],
    ['5 % of all calls hang for 100 s', ({ hub, clock }, random) => hangByChance(hub, clock, 0.05, 100_000, random)],
  ];
  test.each(moods)('when %s, in any order', async (_mood, set) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(1, 10), async (seed, units) => {
        const bench = benchWithFleet(300, { tier: 'S2', units });
        set(bench, repeatableRandom(seed));
        await sweepThrough(bench);
      }),
      propertyRuns(6),
    );
  });
});

describe('a device whose every call gets a 500', () => {
  test('is the only failed one on a hub that serves all others', async () => {
    const bench = benchWithFleet(300, { tier: 'S2', units: 1 });
    bench.hub.onCall = (_operation, deviceIds) => {
      if (deviceIds.includes('device-100')) throw bench.hub.error('unavailable', { status: 500 });
    };
    const { runId } = await bench.start();
    const { run } = await driveRun(bench, runId);
    expect(run).toMatchObject({ status: 'done', counts: { failed: 1, gone: 0 } });
    expect(bench.hub.moduleOf('device-100', agent)).toBeUndefined();
    expect(bench.hub.moduleOf('device-99', agent)).toBeDefined();
  });
});
