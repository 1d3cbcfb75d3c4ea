import { expect, test } from '@jest/globals';
import type { Clock } from '../../../shared/clock.ts';
import { claimOperations } from '../../../shared/run/claimOperations.ts';
import { isLive } from '../../../shared/run/run.ts';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { fullestMinute } from '../../support/fullestMinute.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

/** Storage that says in each response what time it is, as Azure Storage does, in whole seconds. */
function benchWithStorageTime(): WorkerBench {
  const bench = new WorkerBench();
  const read = bench.documents.read.bind(bench.documents);
  bench.documents.read = async <T>(path: string) => {
    const stored = await read<T>(path);
    return stored && { ...stored, readAtMs: Math.floor(bench.clock.now() / 1000) * 1000 };
  };
  return bench;
}

function clockAhead(clock: Clock, aheadMs: number): Clock {
  return {
    now: () => clock.now() + aheadMs,
    elapsedMs: () => clock.elapsedMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
}

test.each([-50_000, -20_000, 20_000, 50_000, 300_000])(
  'two instances that take turns keep to the grant, and to its pace, with clocks %i ms apart',
  async (aheadMs) => {
    const bench = benchWithStorageTime();
    bench.sliceMs = 60_000;
    fleet(bench, 400);
    const { runId } = await bench.start();
    const startMs = bench.clock.elapsedMs();
    for (let turn = 0; isLive(await bench.run(runId)); turn++) {
      const clock = clockAhead(bench.clock, turn % 2 === 0 ? 0 : aheadMs);
      await bench.clock.run(workOnHub({ ...bench.deps, clock }));
    }
    expect(fullestMinute(bench)).toBeLessThanOrEqual(50);
    expect(bench.hub.modules.size).toBe(400);
    expect(bench.clock.elapsedMs() - startMs).toBeLessThan(9.5 * 60_000); // 400 at 50 a minute take 8
  },
);

test('processes whose clocks are apart share the claims of a minute', async () => {
  const bench = benchWithStorageTime();
  let given = 0;
  for (const aheadMs of [0, 30_000, 59_000, -30_000]) {
    for (let count = 0; count < 30; count++) {
      const deps = { documents: bench.documents, clock: clockAhead(bench.clock, aheadMs) };
      if ((await bench.clock.run(claimOperations(deps, bench.config, 1))).given) given += 1;
    }
    await bench.clock.advance(5_000);
  }
  expect(given).toBeLessThanOrEqual(25); // half of the 50 that are granted
});
