import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatableRandom } from '../../../local/repeatableRandom.ts';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { isLive } from '../../../shared/run/run.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from './fleet.ts';

/** How hub, storage and platform behave, each in its own measure; drawn anew for every run. */
const weather = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  isLarge: fc.boolean(),
  specs: fc.constantFrom(1, 1, 2),
  sliceMs: fc.integer({ min: 5_000, max: 40_000 }),
  answersUpToMs: fc.integer({ min: 0, max: 3_000 }),
  lostAnswers: fc.double({ min: 0, max: 0.1, noNaN: true }),
  throttled: fc.double({ min: 0, max: 0.03, noNaN: true }),
  stops: fc.double({ min: 0, max: 0.4, noNaN: true }),
  outages: fc.double({ min: 0, max: 0.2, noNaN: true }),
});

type Weather = typeof weather extends fc.Arbitrary<infer Drawn> ? Drawn : never;

const mostSlices = 1_500;

function benchIn({ isLarge, specs, sliceMs, ...measures }: Weather, random: () => number): WorkerBench {
  const bench = new WorkerBench();
  const tier = isLarge ? 'S3' : 'S1';
  bench.config = { ...bench.config, tier, limits: tierLimits(tier, 1) };
  bench.sliceMs = sliceMs;
  if (specs > 1) bench.policy = [spec(), spec({ moduleId: 'other' })];
  for (const id of fleet(bench, isLarge ? 2_000 : 200)) if (random() < 0.3) bench.hub.addModule(id, agent);
  bench.hub.onCall = async () => {
    await bench.clock.sleep(random() * measures.answersUpToMs);
    if (random() < measures.throttled) throw bench.hub.error('throttled', { status: 429 });
  };
  bench.hub.afterCall = () => {
    if (random() < measures.lostAnswers) throw bench.hub.error('unavailable', { code: 'ECONNRESET' });
  };
  return bench;
}

/** One slice, in which its process may be told to end and storage may be away; a ring that failed comes again in a minute. */
async function sliceIn({ stops, outages, sliceMs }: Weather, bench: WorkerBench, random: () => number): Promise<void> {
  bench.stopping = new AbortController();
  const { stopping, clock } = bench;
  const over = new AbortController();
  if (random() < stops) {
    const stop = clock.sleep(random() * sliceMs, over.signal).then(() => stopping.abort());
    stop.catch(() => undefined); // the slice was over first
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

test('in any weather a sweep ends with the counts of its hub, makes nothing twice, and keeps to its budget', async () => {
  await fc.assert(
    fc.asyncProperty(weather, async (drawn) => {
      const random = repeatableRandom(drawn.seed);
      const bench = benchIn(drawn, random);
      const { runId } = await bench.start();
      let slices = 0;
      for (; slices < mostSlices && isLive(await bench.run(runId)); slices++) await sliceIn(drawn, bench, random);
      const run = await bench.run(runId);
      const devices = bench.hub.devices.size;
      expect([run.status, sums(run)]).toEqual(['done', { devices, pairs: devices * drawn.specs }]);
      for (const id of bench.hub.devices.keys()) expect(bench.hub.modules.get(id)?.size).toBe(drawn.specs);
      const keys = [...bench.hub.modules.values()].flatMap((modules) => [...modules.values()].map(({ key }) => key));
      expect(new Set(keys).size).toBe(keys.length);
      expect(Math.max(...keys)).toBe(keys.length); // as many were ever made as there are
      expect(fullestMinute(bench)).toBeLessThanOrEqual(bench.config.limits.registryOpsPerMinute / 2);
    }),
    { numRuns: 25 },
  );
});

/** The most registry operations that any 60 s saw. */
function fullestMinute({ hub }: WorkerBench): number {
  const spent = hub.calls.filter(({ operation }) => operation.startsWith('create') || operation === 'countDevices');
  let [most, sum, from] = [0, 0, 0];
  for (const { atMs, cost } of spent) {
    sum += cost;
    for (let first = spent[from]; first && first.atMs <= atMs - 60_000; first = spent[from]) {
      sum -= first.cost;
      from += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}
