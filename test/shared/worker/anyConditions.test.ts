import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatableRandom } from '../../../local/repeatableRandom.ts';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { isLive } from '../../../shared/run/run.ts';
import { fullestMinute } from '../../support/fullestMinute.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from './fleet.ts';

/** Behaviour of hub, storage and platform, drawn for each run; shares are from 0 to 1. */
const conditions = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  isLarge: fc.boolean(),
  specs: fc.constantFrom(1, 1, 2),
  sliceMs: fc.integer({ min: 5_000, max: 40_000 }),
  responsesUpToMs: fc.integer({ min: 0, max: 3_000 }),
  lostResponses: fc.double({ min: 0, max: 0.1, noNaN: true }),
  throttled: fc.double({ min: 0, max: 0.03, noNaN: true }),
  stops: fc.double({ min: 0, max: 0.4, noNaN: true }),
  outages: fc.double({ min: 0, max: 0.2, noNaN: true }),
});

type Conditions = typeof conditions extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const maxSlices = 1_500;

function benchIn({ isLarge, specs, sliceMs, ...shares }: Conditions, random: () => number): WorkerBench {
  const bench = new WorkerBench();
  const tier = isLarge ? 'S3' : 'S1';
  bench.config = { ...bench.config, tier, limits: tierLimits(tier, 1) };
  bench.sliceMs = sliceMs;
  if (specs > 1) bench.policy = [spec(), spec({ moduleId: 'other' })];
  for (const id of fleet(bench, isLarge ? 2_000 : 200)) if (random() < 0.3) bench.hub.addModule(id, agent);
  bench.hub.onCall = async () => {
    await bench.clock.sleep(random() * shares.responsesUpToMs);
    if (random() < shares.throttled) throw bench.hub.error('throttled', { status: 429 });
  };
  bench.hub.afterCall = () => {
    if (random() < shares.lostResponses) throw bench.hub.error('unavailable', { code: 'ECONNRESET' });
  };
  return bench;
}

/** One slice, during which the process may be stopped and storage may fail; a failed wake-up is delivered again after a minute. */
async function sliceIn(
  { stops, outages, sliceMs }: Conditions,
  bench: WorkerBench,
  random: () => number,
): Promise<void> {
  bench.stopping = new AbortController();
  const { stopping, clock } = bench;
  const over = new AbortController();
  if (random() < stops) {
    const stop = clock.sleep(random() * sliceMs, over.signal).then(() => stopping.abort());
    stop.catch(() => undefined); // the slice ended first
  }
  const downFromMs = random() < outages ? clock.now() + random() * sliceMs : Number.POSITIVE_INFINITY;
  const downToMs = downFromMs + random() * 20_000;
  bench.storageIsDown = () => clock.now() >= downFromMs && clock.now() < downToMs;
  try {
    if (!(await bench.slice())) await clock.advance(300_000); // until the watch
  } catch (error) {
    if (!bench.storageIsDown() && !stopping.signal.aborted) throw error;
    await clock.advance(60_000);
  }
  over.abort();
  bench.storageIsDown = () => false;
}

test('a sweep under random conditions is done with the counts of its hub, makes nothing twice, and keeps to its budget', async () => {
  await fc.assert(
    fc.asyncProperty(conditions, async (drawn) => {
      const random = repeatableRandom(drawn.seed);
      const bench = benchIn(drawn, random);
      const { runId } = await bench.start();
      let slices = 0;
      for (; slices < maxSlices && isLive(await bench.run(runId)); slices++) await sliceIn(drawn, bench, random);
      const run = await bench.run(runId);
      const devices = bench.hub.devices.size;
      expect([run.status, sums(run)]).toEqual(['done', { devices, pairs: devices * drawn.specs }]);
      for (const id of bench.hub.devices.keys()) expect(bench.hub.modules.get(id)?.size).toBe(drawn.specs);
      const keys = [...bench.hub.modules.values()].flatMap((modules) => [...modules.values()].map(({ key }) => key));
      expect(new Set(keys).size).toBe(keys.length);
      expect(Math.max(...keys)).toBe(keys.length); // no module was created twice
      expect(fullestMinute(bench.hub)).toBeLessThanOrEqual(bench.config.limits.registryOpsPerMinute / 2);
    }),
    { numRuns: 25 },
  );
});
