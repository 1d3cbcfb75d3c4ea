import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agent } from '../../support/policy.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';

test('a worker loses nothing and makes no module twice, wherever its process crashes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 6 }),
      fc.boolean(),
      async (crashesAt, afterCall) => {
        const bench = new WorkerBench();
        for (let index = 0; index < 120; index++) bench.hub.addDevice(`device-${index}`);
        bench.hub.addModule('device-5', agent);
        const { runId } = await bench.start();
        for (const deviceId of ['device-3', 'device-110']) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
        const crashes = [...crashesAt];
        let callsToCrash = crashes.shift() ?? Number.POSITIVE_INFINITY;
        const crash = () => {
          callsToCrash -= 1;
          if (callsToCrash === 0) throw new Error('the process crashed');
        };
        if (afterCall) bench.hub.afterCall = crash;
        else bench.hub.onCall = crash;
        for (let more = true; more; ) {
          try {
            more = await bench.slice();
          } catch (error) {
            expect((error as Error).message).toBe('the process crashed');
            callsToCrash = crashes.shift() ?? Number.POSITIVE_INFINITY;
          }
        }
        const run = await bench.run(runId);
        expect(run).toMatchObject({ status: 'done', counts: { devices: 120, selected: 120, failed: 0, gone: 0 } });
        expect(run.counts.created + run.counts.unchanged).toBe(120);
        callsToCrash = Number.POSITIVE_INFINITY;
        await bench.clock.advance(300_000); // messages taken by a crashed worker are visible again
        await bench.slices();
        expect(bench.pending.deviceIds(hub)).toEqual([]);
        const keys = [...bench.hub.modules.values()].map((modules) => modules.get(agent)?.key);
        expect(new Set(keys).size).toBe(120);
        expect(Math.max(...keys.map((key) => key ?? 0))).toBe(120); // none was made twice
      },
    ),
    propertyRuns(30),
  );
});
