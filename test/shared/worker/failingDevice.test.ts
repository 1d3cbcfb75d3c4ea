import { describe, expect, test } from '@jest/globals';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

/** Makes every call about this device fail; bulk calls settle the others. */
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

describe('a run with one device whose every call fails', () => {
  test.each([170, 180, 184, 188, 192, 196])(
    'counts it as failed, at whichever position of a slice it is (device %i of 400)',
    async (index) => {
      const bench = new WorkerBench();
      fleet(bench, 400);
      breakDevice(bench, `device-${index}`);
      const { runId } = await bench.start();
      expect(await bench.slices(20)).toBeLessThan(10);
      expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 399, failed: 1 } });
    },
  );

  test('counts it as failed after a quarter of an hour if no other device lacks its module', async () => {
    const bench = new WorkerBench();
    for (const id of fleet(bench, 50).slice(1)) bench.hub.addModule(id, agent);
    breakDevice(bench, 'device-0');
    const { runId } = await bench.start();
    await bench.slices(20);
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { unchanged: 49, failed: 1 } });
  });

  test('counts it as failed with slices of only 15 s', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 15_000;
    fleet(bench, 30);
    breakDevice(bench, 'device-7');
    const { runId } = await bench.start();
    await bench.slices(100);
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 29, failed: 1 } });
  });
});
