import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { driveRun } from '../../support/driveRun.ts';
import { agent } from '../../support/policy.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import type { WorkerBench } from '../../support/workerBench.ts';
import { benchWithFleet, changedKeys, expectTruth, keysOf } from './faultsFleet.ts';

const minuteMs = 60_000;
const pendingPollMs = 2_000;
const arriveEveryMs = 7_000;
/** Event Grid's first retry, after the handler threw because the queue failed. */
const redeliverAfterMs = 10_000;

/** Adds devices to hub and queue during the sweep; an event that storage refuses is delivered again. */
async function arrive(bench: WorkerBench, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    await bench.clock.sleep(arriveEveryMs);
    const deviceId = `arrival-${index}`;
    bench.hub.addDevice(deviceId);
    while (bench.storageIsDown()) await bench.clock.sleep(redeliverAfterMs);
    await bench.pending.add('contoso', { deviceId, tries: 0 }, 0);
  }
}

async function sweepWithOutage(outageAtMs: number | undefined, { outageMs = minuteMs, arrivals = 40 } = {}) {
  const bench = benchWithFleet(1_200, { tier: 'S2', units: 2 });
  const keys = keysOf(bench);
  const { runId } = await bench.start();
  const startedAtMs = bench.clock.now();
  if (outageAtMs !== undefined) {
    bench.storageIsDown = () => {
      const atMs = bench.clock.now() - startedAtMs;
      return atMs >= outageAtMs && atMs < outageAtMs + outageMs;
    };
  }
  const arriving = arrive(bench, arrivals);
  const { run, tookMs } = await driveRun(bench, runId);
  await bench.clock.run(arriving);
  await bench.slices(); // for the devices that came last
  return { bench, keys, run, tookMs };
}

describe('an outage of storage', () => {
  test('of a minute delays a sweep with arriving devices by its length, whenever it starts, and has no other effect', async () => {
    const alone = await sweepWithOutage(undefined);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: Math.floor(alone.tookMs) }), async (outageAtMs) => {
        const { bench, keys, run, tookMs } = await sweepWithOutage(outageAtMs);
        const arrivals = Array.from({ length: 40 }, (_, index) => `arrival-${index}`);
        expect(arrivals.filter((deviceId) => bench.hub.moduleOf(deviceId, agent) === undefined)).toEqual([]);
        expect(bench.pending.deviceIds('contoso')).toEqual([]);
        // After the outage: until the end is noticed, a lease that could not be renewed has expired, and the queue is polled.
        expect(tookMs - alone.tookMs).toBeLessThan(minuteMs + 15_000 + pendingPollMs);
        expect({ status: run.status, failed: run.counts.failed, gone: run.counts.gone }).toEqual({
          status: 'done',
          failed: 0,
          gone: 0,
        });
        expect(changedKeys(bench, keys)).toEqual([]);
      }),
      propertyRuns(15),
    );
  });

  test('shorter than the lease delays a sweep by its length and a few seconds', async () => {
    const alone = await sweepWithOutage(undefined, { arrivals: 0 });
    await fc.assert(
      fc.asyncProperty(
        // A wake-up that fails to acquire the lease during the outage is delivered again after a minute.
        fc.integer({ min: 1, max: Math.floor(alone.tookMs) }),
        fc.integer({ min: 1, max: 35_000 }),
        async (outageAtMs, outageMs) => {
          const { run, tookMs } = await sweepWithOutage(outageAtMs, { outageMs, arrivals: 0 });
          expect(run.status).toBe('done');
          expect(tookMs - alone.tookMs).toBeLessThan(outageMs + 10_000);
        },
      ),
      { ...propertyRuns(15), examples: [[298_505, 4_996]] }, // a renewal failed, and the next one came late
    );
  });

  test('keeps the counts equal to those of the hub', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 180_000 }), async (outageAtMs) => {
        const { bench, keys, run } = await sweepWithOutage(outageAtMs, { arrivals: 0 });
        expectTruth(bench, run, keys);
        expect(run.counts.failed).toBe(0);
      }),
      propertyRuns(15),
    );
  });
});
