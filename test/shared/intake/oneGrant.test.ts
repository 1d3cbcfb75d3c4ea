import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repeatableRandom } from '../../../local/repeatableRandom.ts';
import { admitDevice } from '../../../shared/intake/admitDevice.ts';
import { ensureDevice } from '../../../shared/intake/ensureDevice.ts';
import { IntakeLimiter } from '../../../shared/intake/intakeLimiter.ts';
import { LimitedError } from '../../../shared/intake/tryNow.ts';
import { cachedLeases } from '../../../shared/storage/cachedLeases.ts';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { fullestMinute } from '../../support/fullestMinute.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from '../worker/fleet.ts';

const minuteMs = 60_000;
const processesMost = 40;

const worlds = fc.record({
  seed: fc.integer({ min: 1, max: 1e6 }),
  processes: fc.integer({ min: 1, max: processesMost }),
  devices: fc.integer({ min: 1, max: 120 }),
  overMs: fc.integer({ min: 1_000, max: 3 * minuteMs }),
  sweepAtMs: fc.integer({ min: 0, max: 2 * minuteMs }),
  requests: fc.double({ min: 0, max: 1, noNaN: true }),
});

/** Invokes the worker whenever a wake-up is due, until there is none for a watch interval. */
async function serveWakeUps(bench: WorkerBench, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    if (bench.wakeUps.take(bench.clock.elapsedMs())) while (await workOnHub(bench.deps));
    await bench.clock.sleep(1_000);
  }
}

test('events, requests and the worker of a hub keep to one grant together, in however many processes', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async ({ seed, processes, devices, overMs, sweepAtMs, requests }) => {
      const random = repeatableRandom(seed);
      const bench = new WorkerBench();
      const { clock, hub, deps } = bench;
      fleet(bench, 40);
      hub.onCall = () => clock.sleep(random() * 800);
      const limiters = Array.from({ length: processes }, () => new IntakeLimiter(bench.config, deps));
      const cached = limiters.map(() => cachedLeases(bench.leases, clock));
      const toRepeat = new Set<string>();
      const request = async (limiter: IntakeLimiter, deviceId: string) => {
        try {
          await ensureDevice({ ...deps, limiter }, deviceId);
        } catch (error) {
          const isPending = error instanceof LimitedError && error.pending;
          if (!isPending) toRepeat.add(deviceId); // its client got a 503 that says so
        }
      };
      const arrive = async (index: number) => {
        await clock.sleep(random() * overMs);
        const process = Math.floor(random() * processes);
        const limiter = limiters[process];
        const leases = cached[process];
        if (!limiter || !leases) throw new Error('no such process');
        const deviceId = `new-${index}`;
        hub.addDevice(deviceId);
        const isNearlyFull = async () => false;
        const rollouts = async () => undefined;
        if (random() < requests) await request(limiter, deviceId);
        else await admitDevice({ ...deps, limiter, cachedLeases: leases, isNearlyFull, rollouts }, deviceId);
      };
      const arrivals = Promise.all(Array.from({ length: devices }, (_, index) => arrive(index)));
      const sweep = clock.sleep(sweepAtMs).then(async () => {
        await bench.start();
        await bench.wakeUps.send('contoso', 0);
      });
      let isOver = false;
      const worker = serveWakeUps(bench, () => isOver);
      await clock.run(Promise.all([arrivals, sweep]));
      await clock.advance(10 * minuteMs);
      isOver = true;
      await clock.run(worker);
      await bench.watch();
      await bench.slices();
      expect(fullestMinute(bench)).toBeLessThanOrEqual(50);
      for (const id of hub.devices.keys())
        if (!toRepeat.has(id)) expect([id, hub.moduleOf(id, agent)]).toEqual([id, expect.anything()]);
    }),
    {
      numRuns: 25,
      examples: [
        [{ seed: 819, processes: 1, devices: 34, overMs: 28052, sweepAtMs: 13001, requests: 0.9867488001473249 }],
      ],
    },
  );
});
