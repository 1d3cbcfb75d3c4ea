import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HubDocument } from '../../../shared/run/hubDocument.ts';
import { agent, spec } from '../../support/policy.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { benchWithFleet, expectTruth, keysOf } from './faultsFleet.ts';
import { fleet, largeHub } from './fleet.ts';

/** Delays each response by a newly drawn time. */
function respondAfter(bench: WorkerBench, drawMs: () => number): void {
  bench.hub.onCall = () => bench.clock.sleep(drawMs());
}

describe('the next slice of a run', () => {
  test('counts every module that the run made as created, whatever calls were in flight or unsettled', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 6_000, max: 14_000 }),
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
        async (sliceMs, responsesMs, cutOffs) => {
          const bench = benchWithFleet(1_500, { tier: 'S3', units: 1 });
          const keys = keysOf(bench);
          bench.sliceMs = sliceMs;
          let draws = 0;
          respondAfter(bench, () => responsesMs[draws++ % responsesMs.length] ?? 0);
          // Some bulk calls take effect but lose their response, so that all of their modules are looked up.
          bench.hub.afterCall = (operation) => {
            if (operation === 'createModules' && cutOffs[draws % cutOffs.length]) {
              throw bench.hub.error('unavailable', { status: 200, code: 'ECONNRESET' });
            }
          };
          const { runId } = await bench.start();
          expect(await bench.slices()).toBeGreaterThan(1);
          const run = await bench.run(runId);
          expectTruth(bench, run, keys);
          expect(run.counts.created).toBe(bench.hub.modules.size - keys.size);
        },
      ),
      propertyRuns(10),
    );
  });

  test('repeats no query, because pages that are being read are read to their end', async () => {
    const queriesIn = async (sliceMs: number) => {
      const bench = benchWithFleet(3_000, { tier: 'S1', units: 2 });
      for (const { deviceId } of bench.hub.devices.values()) bench.hub.addModule(deviceId, agent);
      respondAfter(bench, () => 700);
      bench.sliceMs = sliceMs;
      const { runId } = await bench.start();
      const slices = await bench.slices();
      expect((await bench.run(runId)).status).toBe('done');
      const callsOf = (operation: string) => bench.hub.calls.filter((call) => call.operation === operation).length;
      return { slices, lists: callsOf('listDevices'), finds: callsOf('findModules') };
    };
    const { slices: _one, ...needed } = await queriesIn(3_600_000);
    const { slices, ...sent } = await queriesIn(20_000);
    expect(slices).toBeGreaterThan(4);
    expect(sent).toEqual(needed);
  });

  test('knows what was spent in the last minute', async () => {
    const bench = benchWithFleet(200, { tier: 'S1', units: 1 });
    respondAfter(bench, () => 200);
    bench.sliceMs = 17_000;
    await bench.start();
    await bench.slices();
    const spent = bench.hub.calls.filter(({ operation }) => /create|countDevices/.test(operation));
    expect(spent.length).toBeGreaterThan(5);
    for (const last of spent) {
      const minute = spent.filter(({ atMs }) => atMs <= last.atMs && atMs > last.atMs - 60_000);
      expect(minute.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(50);
    }
  });

  test('uses stored spending once, so that a crashed slice leaves no outdated spending', async () => {
    const bench = benchWithFleet(200, { tier: 'S1', units: 1 });
    const stored = async () => (await bench.documents.read<HubDocument>('hubs/contoso.json'))?.value.spending?.registry;
    bench.sliceMs = 20_000;
    await bench.start();
    await bench.slice();
    expect((await stored())?.lastMinute.length).toBeGreaterThan(0);
    const duringSlice: unknown[] = [];
    bench.hub.onCall = async () => {
      duringSlice.push(await stored());
    };
    await bench.slice();
    expect(new Set(duringSlice)).toEqual(new Set([undefined]));
    expect(await stored()).toBeDefined();
  });

  test('makes no more than stop.maxChanges modules, although the end of the slice before added pages', async () => {
    for (let sliceMs = 10_000; sliceMs <= 30_000; sliceMs += 1_000) {
      const bench = new WorkerBench();
      largeHub(bench);
      bench.policy = [spec({ stop: { maxFailurePercent: 10, maxChanges: 50 } })];
      for (const id of fleet(bench, 6_000).slice(0, 2_000)) bench.hub.addModule(id, agent);
      bench.hub.onCall = (operation) => bench.clock.sleep(/^(list|find)/.test(operation) ? 1_500 : 500);
      bench.sliceMs = sliceMs;
      const { runId } = await bench.start();
      await bench.slices(60);
      expect((await bench.run(runId)).status).toBe('failed');
      expect(bench.hub.modules.size).toBe(2_000);
    }
  });
});
