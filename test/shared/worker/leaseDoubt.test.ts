import { expect, test } from '@jest/globals';
import { isLive } from '../../../shared/run/run.ts';
import { fullestMinute } from '../../support/fullestMinute.ts';
import { QueueInstance } from '../../support/queueInstance.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const hub = 'contoso';

test.each([20, 40, 45, 50, 60])(
  'a hub gets no more than its grant, although storage hangs for %i s and the lease may be lost',
  async (hangsForSeconds) => {
    for (let fromSeconds = 40; fromSeconds < 80; fromSeconds += 3) {
      const bench = new WorkerBench();
      const { clock, wakeUps } = bench;
      fleet(bench, 100);
      const hangs = () =>
        clock.elapsedMs() >= fromSeconds * 1_000 && clock.elapsedMs() < (fromSeconds + hangsForSeconds) * 1_000;
      bench.idleTimeout = { isHanging: hangs, afterMs: 15_500 };
      const { runId } = await bench.start();
      await wakeUps.send(hub, 0);
      const rule = { batchSize: 32, newBatchThreshold: 32 };
      const instance = new QueueInstance({ queue: wakeUps, clock, rule, depsOf: () => bench.deps });
      for (let second = 0; second < 900 && isLive(await bench.run(runId)); second += 2) {
        instance.poll();
        await clock.advance(2_000);
      }
      expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 100 } });
      expect(fullestMinute(bench)).toBeLessThanOrEqual(50);
    }
  },
);
