import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const hourMs = 3_600_000;

function largeHub(bench: WorkerBench): void {
  bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
}

/** Bulk calls settle all but this device, whose every own call fails. */
function breakDevice(bench: WorkerBench, bad: string): void {
  const registry = bench.hub.registry.bind(bench.hub);
  bench.hub.registry = () => {
    const plain = registry();
    const createModules: typeof plain.createModules = async (creations) => {
      const good = creations.filter(({ deviceId }) => deviceId !== bad);
      const verdicts = good.length > 0 ? await plain.createModules(good) : [];
      const byCreation = new Map(good.map((creation, index) => [creation, verdicts[index]]));
      return creations.map((creation) => byCreation.get(creation) ?? 'unknown');
    };
    return { ...plain, createModules };
  };
  bench.hub.onCall = (_operation, deviceIds) => {
    if (deviceIds.includes(bad)) throw bench.hub.error('unavailable', { status: 500 });
  };
}

describe('a slice that ends in the middle of trouble', () => {
  test.each([170, 180, 184, 188, 192, 196])(
    'gives a device up that always fails, wherever in the slices it comes (%i)',
    async (index) => {
      const bench = new WorkerBench();
      fleet(bench, 400);
      breakDevice(bench, `device-${index}`);
      const { runId } = await bench.start();
      expect(await bench.slices(20)).toBeLessThan(10);
      expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 399, failed: 1 } });
    },
  );

  test('gives up the only device that lacks its module, when that fails for a quarter of an hour', async () => {
    const bench = new WorkerBench();
    for (const id of fleet(bench, 50).slice(1)) bench.hub.addModule(id, agent);
    breakDevice(bench, 'device-0');
    const { runId } = await bench.start();
    await bench.slices(20);
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { unchanged: 49, failed: 1 } });
  });

  test('makes no module more than stop.maxChanges, though pages came in when the slice before ended', async () => {
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

  test('writes nothing more when its lease is lost behind the deadline', async () => {
    const bench = new WorkerBench();
    largeHub(bench);
    fleet(bench, 2_500);
    bench.sliceMs = 20_000;
    const startMs = bench.clock.now();
    bench.hub.onCall = async (operation) => {
      if (operation === 'createModules' && bench.clock.now() - startMs > 12_000) await bench.clock.sleep(19_000);
    };
    const { runId } = await bench.start();
    const etag = () => bench.documents.readEtag(`runs/contoso/${runId}.json`);
    const losing = bench.clock.sleep(25_000).then(async () => {
      bench.leases.break('contoso');
      await bench.leases.tryAcquire('contoso');
      return etag();
    });
    await bench.slice();
    expect(await etag()).toBe(await losing);
  });

  test('gives up a device that always fails with slices of 15 s, too', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 15_000;
    fleet(bench, 30);
    breakDevice(bench, 'device-7');
    const { runId } = await bench.start();
    await bench.slices(100);
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 29, failed: 1 } });
  });

  test('ends the run after a day in which the hub refused its key', async () => {
    const bench = new WorkerBench();
    fleet(bench, 200);
    const { runId } = await bench.start();
    bench.sliceMs = 60_000;
    await bench.slice();
    bench.hub.onCall = (operation) => {
      if (/^(create|hasModule)/.test(operation)) throw bench.hub.error('unauthorized', { status: 401 });
    };
    let hours = 0;
    for (; hours < 60 && (await bench.run(runId)).status === 'running'; hours++) {
      await bench.slice();
      await bench.clock.advance(hourMs);
    }
    expect((await bench.run(runId)).status).toBe('failed');
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(hours).toBeLessThan(28);
  });
});
