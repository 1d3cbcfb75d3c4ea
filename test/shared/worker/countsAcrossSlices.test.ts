import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { StorageOutageError } from '../../support/failingWhile.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from './fleet.ts';

describe('a run over several slices', () => {
  test('counts a page once, although the first write of its checkpoint failed', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
    fleet(bench, 6_000);
    bench.sliceMs = 30_000;
    let isDown = false;
    bench.hub.onCall = async (operation) => {
      await bench.clock.sleep(800);
      if (bench.hub.modules.size < 600 || !/^(create|hasModule)/.test(operation)) return;
      isDown = true;
      throw bench.hub.error('unauthorized', { status: 401 }); // a key that is being rotated
    };
    const write = bench.documents.write.bind(bench.documents);
    bench.documents.write = async (path, value, etag) => {
      if (isDown && path.startsWith('hubs/')) throw new StorageOutageError();
      return write(path, value, etag);
    };
    const { runId } = await bench.start();
    await bench.slice();
    isDown = false;
    bench.hub.onCall = () => {};
    await bench.slices();
    const run = await bench.run(runId);
    expect([run.status, sums(run)]).toEqual(['done', { devices: 6_000, pairs: 6_000 }]);
  });

  test('counts the modules of a call that was cut off as created when they are found', async () => {
    const bench = new WorkerBench();
    fleet(bench, 100);
    const { runId } = await bench.start();
    let wasHeld = false;
    bench.hub.afterCall = async (operation) => {
      if (operation !== 'createModules' || bench.hub.modules.size < 40 || wasHeld) return;
      wasHeld = true;
      bench.stopping.abort();
      await bench.clock.sleep(20_000);
    };
    expect(await bench.slice()).toBe(true);
    bench.stopping = new AbortController();
    await bench.slices();
    expect((await bench.run(runId)).counts).toMatchObject({ created: 100, unchanged: 0 });
  });

  test('counts a module as created if the response to its single create was lost after a refused bulk call', async () => {
    const bench = new WorkerBench();
    fleet(bench, 10);
    bench.hub.onCall = (operation) => {
      if (operation === 'createModules') throw bench.hub.error('invalid', { status: 400 });
    };
    let singles = 0;
    bench.hub.afterCall = (operation) => {
      if (operation === 'createModule' && singles++ % 2) throw bench.hub.error('unavailable', { code: 'ECONNRESET' });
    };
    const { runId } = await bench.start();
    await bench.slices(50);
    expect((await bench.run(runId)).counts).toMatchObject({ created: 10, unchanged: 0 });
  });

  test('counts a device twice if a page lists it twice', async () => {
    for (let sliceMs = 13_000; sliceMs < 40_000; sliceMs += 1_500) {
      const bench = new WorkerBench();
      fleet(bench, 20);
      bench.sliceMs = sliceMs;
      const registry = bench.hub.registry.bind(bench.hub);
      bench.hub.registry = () => {
        const plain = registry();
        return {
          ...plain,
          listDevices: async (query) => {
            const page = await plain.listDevices(query);
            return { ...page, rows: page.rows.flatMap((row) => [row, row]) };
          },
        };
      };
      bench.hub.onCall = async (operation) => {
        await bench.clock.sleep(500);
        if (operation === 'createModules') throw bench.hub.error('invalid', { status: 400 });
      };
      const { runId } = await bench.start();
      await bench.slices(300);
      const run = await bench.run(runId);
      expect([run.status, sums(run)]).toEqual(['done', { devices: 40, pairs: 40 }]);
    }
  });
});
