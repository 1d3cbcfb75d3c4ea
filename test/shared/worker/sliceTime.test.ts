import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { StorageOutageError } from '../../support/failingWhile.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

/** `functionTimeout` of host.json. */
const timeoutMs = 600_000;

/** How long one slice takes; storage may have failed it. */
async function sliceMs(bench: WorkerBench): Promise<number> {
  const startMs = bench.clock.now();
  await bench.slice().catch((error: unknown) => expect(error).toBeInstanceOf(StorageOutageError));
  return bench.clock.now() - startMs;
}

describe('a slice ends within the timeout of its function', () => {
  test.each([240_000, 540_000])('though storage falls silent at its end, with slices of %i ms', async (lengthMs) => {
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
  });

  test.each([60_000, 120_000, 200_000])(
    'though storage falls silent after %i ms, while a hundred look-ups are under way',
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

describe('a hub that lets the app read but not create', () => {
  test.each(['forbidden', 'unauthorized'] as const)(
    'is heard at once (%s), however few modules are missing',
    async (kind) => {
      const bench = new WorkerBench();
      bench.config = {
        ...{ ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) },
        auth: { kind: 'sas', connectionString: 'HostName=contoso.azure-devices.net' },
      };
      for (const [index, id] of fleet(bench, 20_000).entries()) if (index % 500 > 0) bench.hub.addModule(id, agent);
      let refusals = 0;
      bench.hub.onCall = async (operation) => {
        await bench.clock.sleep(operation.startsWith('create') ? 1_000 : 3_000);
        if (!operation.startsWith('create')) return;
        refusals += 1;
        throw bench.hub.error(kind);
      };
      const { runId } = await bench.start();
      expect(await sliceMs(bench)).toBeLessThan(90_000);
      expect(refusals).toBeLessThan(6);
      const run = await bench.run(runId);
      expect(kind === 'forbidden' ? run.status : run.waitingFor).toMatch(
        kind === 'forbidden' ? 'failed' : /RegistryWrite/,
      );
      expect(run.checkpoint.todo.length).toBeLessThan(10);
    },
  );
});
