import { expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const minuteMs = 60_000;

/** A run of 20,000 creates, several calls in flight at once; the hub throttles every call of some minutes. */
async function throttledRun(
  throttledMs: number,
): Promise<{ progress: { throttledMs: number | null }; slices: number }> {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, tier: 'S3', units: 10, limits: tierLimits('S3', 10) };
  bench.sliceMs = 60_000;
  fleet(bench, 20_000);
  const fromMs = bench.clock.now() + 10_000;
  bench.hub.onCall = async () => {
    await bench.clock.sleep(900);
    const nowMs = bench.clock.now();
    if (nowMs >= fromMs && nowMs < fromMs + throttledMs) throw bench.hub.error('throttled', { status: 429 });
  };
  const { runId } = await bench.start();
  const slices = await bench.slices();
  const { status, counts, progress } = await bench.run(runId);
  expect({ status, created: counts.created }).toEqual({ status: 'done', created: 20_000 });
  return { progress, slices };
}

test('a run shows how long the hub has throttled it, over all slices, and each moment once', async () => {
  const { progress, slices } = await throttledRun(3 * minuteMs);
  expect(slices).toBeGreaterThan(3);
  // Waits grow to a minute, and calls in flight wait at the same time.
  expect(progress.throttledMs).toBeGreaterThan(2 * minuteMs);
  expect(progress.throttledMs).toBeLessThan(4.5 * minuteMs);
});

test('a run that was never throttled shows 0', async () => {
  expect((await throttledRun(0)).progress.throttledMs).toBe(0);
});
