import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

test('a worker loses and doubles nothing, wherever its process dies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }),
      fc.boolean(),
      async (deathsAt, after) => {
        const bench = new WorkerBench();
        for (let index = 0; index < 120; index++) bench.hub.addDevice(`device-${index}`);
        bench.hub.addModule('device-5', agent);
        const { runId } = await bench.start();
        for (const deviceId of ['device-3', 'device-110']) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
        const deaths = [...deathsAt];
        let left = deaths.shift() ?? Number.POSITIVE_INFINITY;
        const die = () => {
          left -= 1;
          if (left === 0) throw new Error('the process died');
        };
        if (after) bench.hub.afterCall = die;
        else bench.hub.onCall = die;
        for (let more = true; more; ) {
          try {
            more = await bench.slice();
          } catch (error) {
            expect((error as Error).message).toBe('the process died');
            left = deaths.shift() ?? Number.POSITIVE_INFINITY;
          }
        }
        const run = await bench.run(runId);
        expect(run).toMatchObject({ status: 'done', counts: { devices: 120, selected: 120, failed: 0, gone: 0 } });
        expect(run.counts.created + run.counts.unchanged).toBe(120);
        left = Number.POSITIVE_INFINITY;
        await bench.clock.advance(300_000); // what a dead worker had taken is visible again
        await bench.slices();
        expect(bench.pending.deviceIds(hub)).toEqual([]);
        const keys = [...bench.hub.modules.values()].map((modules) => modules.get(agent)?.key);
        expect(new Set(keys).size).toBe(120);
        expect(Math.max(...keys.map((key) => key ?? 0))).toBe(120); // none was made twice
      },
    ),
    { numRuns: 60 },
  );
});
