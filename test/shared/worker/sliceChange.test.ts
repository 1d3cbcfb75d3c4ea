import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { HubDocument } from '../../../shared/run/hubDocument.ts';
import { agent } from '../../support/policy.ts';
import type { WorkerBench } from '../../support/workerBench.ts';
import { benchWithFleet, expectTruth, keysOf } from './faultsFleet.ts';

/** Calls take up to so long, drawn anew for each. */
function answerAfter(bench: WorkerBench, drawMs: () => number): void {
  bench.hub.onCall = () => bench.clock.sleep(drawMs());
}

describe('where one slice ends and the next begins', () => {
  test('every module that the run made counts as created, whatever was under way or open', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 6_000, max: 14_000 }),
        fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
        async (sliceMs, answersMs, cutOffs) => {
          const bench = benchWithFleet(1_500, { tier: 'S3', units: 1 });
          const keys = keysOf(bench);
          bench.sliceMs = sliceMs;
          let draws = 0;
          answerAfter(bench, () => answersMs[draws++ % answersMs.length] ?? 0);
          // Some bulk calls take effect and lose their answer, so that all of their modules are looked up.
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
      { numRuns: 25 },
    );
  });

  test('no query is asked twice: pages on their way are read to their end', async () => {
    const queriesIn = async (sliceMs: number) => {
      const bench = benchWithFleet(3_000, { tier: 'S1', units: 2 });
      for (const { deviceId } of bench.hub.devices.values()) bench.hub.addModule(deviceId, agent);
      answerAfter(bench, () => 700);
      bench.sliceMs = sliceMs;
      const { runId } = await bench.start();
      const slices = await bench.slices();
      expect((await bench.run(runId)).status).toBe('done');
      const asked = (operation: string) => bench.hub.calls.filter((call) => call.operation === operation).length;
      return { slices, lists: asked('listDevices'), finds: asked('findModules') };
    };
    const { slices: _one, ...needed } = await queriesIn(3_600_000);
    const { slices, ...asked } = await queriesIn(20_000);
    expect(slices).toBeGreaterThan(4);
    expect(asked).toEqual(needed);
  });

  test('what the last minute has spent is still known', async () => {
    const bench = benchWithFleet(200, { tier: 'S1', units: 1 });
    answerAfter(bench, () => 200);
    bench.sliceMs = 17_000;
    await bench.start();
    await bench.slices();
    const spent = bench.hub.calls.filter(({ operation }) => /create|countDevices/.test(operation));
    for (const last of spent) {
      const minute = spent.filter(({ atMs }) => atMs <= last.atMs && atMs > last.atMs - 60_000);
      expect(minute.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(50);
    }
  });

  test('a note of what was spent is believed once: a slice that leaves none leaves no older one either', async () => {
    const bench = benchWithFleet(200, { tier: 'S1', units: 1 });
    const noted = async () => (await bench.documents.read<HubDocument>('hubs/contoso.json'))?.value.spending?.registry;
    bench.sliceMs = 20_000;
    await bench.start();
    await bench.slice();
    expect((await noted())?.lastMinute.length).toBeGreaterThan(0);
    const duringSlice: unknown[] = [];
    bench.hub.onCall = async () => {
      duringSlice.push(await noted());
    };
    await bench.slice();
    expect(new Set(duringSlice)).toEqual(new Set([undefined]));
    expect(await noted()).toBeDefined();
  });
});
