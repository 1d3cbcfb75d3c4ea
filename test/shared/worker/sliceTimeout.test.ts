import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { StorageOutageError } from '../../support/failingWhile.ts';

import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

/** `functionTimeout` of host.json. */
const timeoutMs = 600_000;

/** Duration of one slice, which may throw a storage error. */
async function sliceMs(bench: WorkerBench): Promise<number> {
  const startMs = bench.clock.now();
  await bench.slice().catch((error: unknown) => expect(error).toBeInstanceOf(StorageOutageError));
  return bench.clock.now() - startMs;
}

describe('a slice ends within the function timeout', () => {
  test.each([240_000, 540_000])(
    'although storage stops responding at its end, with slices of %i ms',
    async (lengthMs) => {
      const bench = new WorkerBench();
      fleet(bench, 2_000);
      bench.sliceMs = lengthMs;
      const startMs = bench.clock.now();
      bench.hub.onCall = async () => {
        if (bench.clock.now() - startMs > lengthMs - 10_000) await bench.clock.sleep(40_000);
      };
      await bench.start();
      bench.idleTimeout = { isHanging: () => bench.clock.now() - startMs > lengthMs + 15_000, afterMs: 15_500 };
      expect(await sliceMs(bench)).toBeLessThan(timeoutMs);
    },
  );

  test.each([60_000, 120_000, 200_000])(
    'although storage stops responding after %i ms, while a hundred look-ups are in flight',
    async (hangsFromMs) => {
      const bench = new WorkerBench();
      bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
      fleet(bench, 10_000);
      const startMs = bench.clock.now();
      const passedMs = () => bench.clock.now() - startMs;
      bench.idleTimeout = { isHanging: () => passedMs() > hangsFromMs, afterMs: 15_500 };
      bench.hub.onCall = (operation) => bench.clock.sleep(operation === 'hasModule' ? 3_000 : 500);
      bench.hub.afterCall = (operation) => {
        if (operation === 'createModules' && passedMs() > hangsFromMs - 10_000) {
          throw bench.hub.error('unavailable', { status: 500 });
        }
      };
      await bench.start();
      expect(await sliceMs(bench)).toBeLessThan(timeoutMs);
    },
  );
});
