import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const minuteMs = 60_000;

/** A hub of this size whose devices all lack the module; a bulk create takes 900 ms, other calls 200 ms. */
function backfillBench(tier: 'S1' | 'S3', units: number, devices: number): WorkerBench {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, tier, units, limits: tierLimits(tier, units) };
  for (let index = 0; index < devices; index++) bench.hub.addDevice(`device-${index}`);
  bench.hub.onCall = (operation) => bench.clock.sleep(operation === 'createModules' ? 900 : 200);
  return bench;
}

/** The create calls that the hub received. */
const creates = ({ hub }: WorkerBench) => hub.calls.filter(({ operation }) => operation.startsWith('create'));

describe('bulk calls', () => {
  test.each([
    ['S1', 1, 50, 500],
    ['S3', 1, 2_500, 25_000],
    ['S3', 10, 25_000, 60_000],
  ] as const)(
    'use 98 % of the granted budget of %s with %i units, %i a minute, and never exceed it',
    async (tier, units, perMinute, devices) => {
      const bench = backfillBench(tier, units, devices);
      const { runId } = await bench.start();
      await bench.slices();
      expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: devices, unchanged: 0 } });
      const calls = creates(bench);
      const tookMs = (calls.at(-1)?.atMs ?? 0) - (calls[0]?.atMs ?? 0);
      expect(((devices - (calls.at(-1)?.cost ?? 0)) / tookMs) * minuteMs).toBeGreaterThan(0.98 * perMinute);
      for (let first = 0, last = 0, sum = 0; last < calls.length; last++) {
        sum += calls[last]?.cost ?? 0;
        while ((calls[first]?.atMs ?? 0) <= (calls[last]?.atMs ?? 0) - minuteMs) sum -= calls[first++]?.cost ?? 0;
        expect(sum).toBeLessThanOrEqual(perMinute);
      }
    },
  );
});
