import { describe, expect, test } from '@jest/globals';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { readReport } from '../../../shared/run/report.ts';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { driveRun } from '../../support/driveRun.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, largeHub } from './fleet.ts';

const hub = 'contoso';
const minuteMs = 60_000;

/** A device is created and its event leaves it pending; resolves with how long it took until it had its module. */
async function arrive(bench: WorkerBench, deviceId: string, atMs: number, limitMs = 10 * minuteMs): Promise<number> {
  await bench.clock.sleep(Math.max(0, atMs - bench.clock.now()));
  bench.hub.addDevice(deviceId);
  await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
  const cameMs = bench.clock.now();
  while (!bench.hub.moduleOf(deviceId, agent) && bench.clock.now() - cameMs < limitMs) await bench.clock.sleep(200);
  return bench.clock.now() - cameMs;
}

/** New devices all through a run; resolves with their longest wait, and the run. */
async function runWithArrivals(bench: WorkerBench, count: number, everyMs: number) {
  const { runId } = await bench.start();
  const startMs = bench.clock.now();
  const arrivals = Array.from({ length: count }, (_, index) =>
    arrive(bench, `new-${index}`, startMs + (index + 1) * everyMs),
  );
  const { run, waitedFor, tookMs } = await driveRun(bench, runId);
  const waitsMs = await bench.clock.run(Promise.all(arrivals));
  return { run, waitedFor, tookMs, longestMs: Math.max(...waitsMs) };
}

describe('one device whose own calls fail', () => {
  test.each([
    ['create', ['createModule', 'createModules'], 299],
    ['read', ['getDevice', 'hasModule'], 300], // the sweep creates without reading the device
  ])(
    'holds up neither a sweep nor the queue when it is pending before the sweep (%s fails)',
    async (_what, operations, created) => {
      const bench = new WorkerBench();
      const ids = fleet(bench, 300);
      bench.hub.onCall = (operation, deviceIds) => {
        if (operations.includes(operation) && deviceIds.includes('device-7')) {
          throw bench.hub.error('unavailable', { status: 500 });
        }
      };
      await bench.pending.add(hub, { deviceId: 'device-7', tries: 0 }, 0);
      const { runId } = await bench.start();
      const { run, tookMs } = await driveRun(bench, runId);
      expect(run).toMatchObject({ status: 'done', counts: { devices: 300, created, failed: 300 - created } });
      expect(tookMs).toBeLessThan(12 * minuteMs); // 300 creates at 50 a minute take 6
      expect(ids.filter((id) => bench.hub.moduleOf(id, agent))).toHaveLength(created);
      for (let count = 0; count < 10; count++) {
        await bench.clock.advance(minuteMs);
        await bench.slices();
      }
      expect(bench.pending.deviceIds(hub)).toEqual([]);
      const lines = await readReport(bench.documents, await bench.run(runId), 'failures');
      const failures = (lines ?? '')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(failures).toContainEqual({ deviceId: 'device-7', moduleId: agent, outcome: 'failed', reason: 'HTTP 500' });
      expect((await readHubDocument(bench.documents, hub)).givenUp).toMatchObject([{ deviceId: 'device-7' }]);
    },
  );

  test('delays no new device by more than 10 s when it is the last one of a sweep', async () => {
    const bench = new WorkerBench();
    fleet(bench, 60);
    bench.hub.onCall = (operation, deviceIds) => {
      if (operation.startsWith('create') && deviceIds.includes('device-59')) {
        throw bench.hub.error('unavailable', { status: 500 });
      }
    };
    const { run, longestMs } = await runWithArrivals(bench, 12, 10_000);
    expect(run).toMatchObject({ status: 'done', counts: { failed: 1 } });
    expect(longestMs).toBeLessThanOrEqual(10_000);
  });
});

describe('a new device during a run', () => {
  test('has its module within 10 s while the queries of the run are throttled', async () => {
    const bench = new WorkerBench();
    fleet(bench, 300);
    const throttledUntilMs = bench.clock.now() + 8 * minuteMs;
    bench.hub.onCall = (operation) => {
      if (operation.startsWith('list') && bench.clock.now() < throttledUntilMs) {
        throw bench.hub.error('throttled', { status: 429 });
      }
    };
    const { run, waitedFor, longestMs } = await runWithArrivals(bench, 20, 20_000);
    expect(run.status).toBe('done');
    expect(waitedFor).toContainEqual(expect.stringContaining('throttled'));
    expect(longestMs).toBeLessThanOrEqual(10_000);
  });

  test('has its module within 10 s while started pages wait for queries after the end of a slice', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, budgetPercent: 10 }; // a query every 30 s, a create every 6 s
    bench.sliceMs = 40_000;
    for (const id of fleet(bench, 2_000)) bench.hub.addModule(id, agent);
    const { run, longestMs } = await runWithArrivals(bench, 40, 13_000);
    expect(run.status).toBe('done');
    expect(longestMs).toBeLessThanOrEqual(10_000);
  });

  test('has its module within 10 s while the run creates at the full rate', async () => {
    const bench = new WorkerBench();
    fleet(bench, 600);
    const { run, longestMs } = await runWithArrivals(bench, 40, 15_000);
    expect(run.status).toBe('done');
    expect(longestMs).toBeLessThanOrEqual(10_000);
  });
});

test('a run keeps a quarter of the rate while more new devices arrive than the hub takes, and says what it waits for', async () => {
  const bench = new WorkerBench();
  const old = fleet(bench, 600);
  const { runId } = await bench.start();
  const endMs = bench.clock.now() + 60 * minuteMs;
  const arrivals = (async () => {
    for (let index = 0; bench.clock.now() < endMs; index++) {
      bench.hub.addDevice(`new-${index}`);
      await bench.pending.add(hub, { deviceId: `new-${index}`, tries: 0 }, 0);
      await bench.clock.sleep(minuteMs / 55);
    }
  })();
  const seen = new Set<string | null>();
  while (bench.clock.now() < endMs) {
    await bench.slice();
    seen.add((await bench.run(runId)).waitingFor);
  }
  await bench.clock.run(arrivals);
  expect([...seen]).toContainEqual(expect.stringContaining('New devices go first'));
  expect(old.filter((id) => !bench.hub.moduleOf(id, agent))).toEqual([]); // 600 at 12.5 a minute take 48 minutes
});

describe('a hub that serves nobody', () => {
  test('is probed, and not asked about each pending device', async () => {
    const bench = new WorkerBench();
    largeHub(bench);
    const ids = fleet(bench, 2_000);
    for (const deviceId of ids) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
    const downUntilMs = bench.clock.now() + 10 * minuteMs;
    let calls = 0;
    bench.hub.onCall = () => {
      if (bench.clock.now() >= downUntilMs) return;
      calls += 1;
      throw bench.hub.error('unavailable', { status: 503 });
    };
    for (let count = 0; bench.hub.modules.size < 2_000 && count < 50; count++) {
      if (!(await bench.slice())) await bench.clock.advance(minuteMs);
    }
    expect(bench.hub.modules.size).toBe(2_000);
    expect(calls).toBeLessThan(100);
  });

  test('lets its run be cancelled, and its worker ends in order', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    await bench.pending.add(hub, { deviceId: 'a', tries: 0 }, 0);
    const downUntilMs = bench.clock.now() + 15_000;
    bench.hub.onCall = () => {
      if (bench.clock.now() < downUntilMs) throw bench.hub.error('unavailable', { status: 503 });
    };
    const { runId } = await bench.start();
    const slice = workOnHub(bench.deps);
    await bench.clock.advance(5_000);
    await bench.cancel(runId);
    expect(await bench.clock.run(slice)).toBe(false);
    expect((await bench.run(runId)).status).toBe('cancelled');
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });

  test('keeps a worker busy for less than a tenth of the time, and ends the run after a day with what to check', async () => {
    const bench = new WorkerBench();
    fleet(bench, 10);
    bench.hub.onCall = () => {
      throw bench.hub.error('unavailable', { code: 'ENOTFOUND' });
    };
    const { runId } = await bench.start();
    const startMs = bench.clock.now();
    let workedMs = 0;
    const slice = bench.slice.bind(bench);
    bench.slice = async () => {
      const fromMs = bench.clock.now();
      const left = await slice();
      workedMs += bench.clock.now() - fromMs;
      return left;
    };
    const { run, waitedFor } = await driveRun(bench, runId);
    const lastedMs = bench.clock.now() - startMs;
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/has served no call since .*ENOTFOUND.*Check its host name/);
    expect(waitedFor).toContainEqual(expect.stringContaining('unavailable'));
    expect(lastedMs).toBeGreaterThan(24 * 60 * minuteMs);
    expect(lastedMs).toBeLessThan(25 * 60 * minuteMs);
    expect(workedMs / lastedMs).toBeLessThan(0.1);
  });
});
