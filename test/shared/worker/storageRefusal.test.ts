import { describe, expect, test } from '@jest/globals';
import type { HubWorkerDeps } from '../../../shared/worker/hubWorker.ts';
import { workOnHub } from '../../../shared/worker/hubWorker.ts';
import { failingWhile, StorageRefusalError } from '../../support/failingWhile.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

/** What the worker needs, where storage refuses the app while `isRefused` returns true. */
function refusing(deps: HubWorkerDeps, isRefused: () => boolean): HubWorkerDeps {
  const store = <Store extends object>(of: Store) =>
    failingWhile(isRefused, of, undefined, () => new StorageRefusalError());
  return {
    ...deps,
    documents: store(deps.documents),
    leases: store(deps.leases),
    pending: store(deps.pending),
    wakeUps: store(deps.wakeUps),
  };
}

describe('a worker that its storage account refuses', () => {
  test('fails at once, and logs what to check', async () => {
    const bench = new WorkerBench();
    const beganMs = bench.clock.elapsedMs();
    await expect(bench.clock.run(workOnHub(refusing(bench.deps, () => true)))).rejects.toThrow(StorageRefusalError);
    expect(bench.clock.elapsedMs()).toBe(beganMs);
    expect(bench.log.lines).toEqual([
      {
        level: 'error',
        message: 'The storage account refuses the app',
        fields: {
          hub: 'contoso',
          error: 'RestError',
          code: 'AuthorizationPermissionMismatch',
          status: 403,
          advice: expect.stringContaining('infra/README.md'),
        },
      },
    ]);
  });

  test('in the middle of a sweep ends within a minute, and the next one finishes the run', async () => {
    const bench = new WorkerBench();
    fleet(bench, 200);
    const { runId } = await bench.start();
    const refusedMs = bench.clock.elapsedMs() + 60_000;
    const isRefused = () => bench.clock.elapsedMs() >= refusedMs;
    await expect(bench.clock.run(workOnHub(refusing(bench.deps, isRefused)))).rejects.toThrow(StorageRefusalError);
    expect(bench.clock.elapsedMs() - refusedMs).toBeLessThan(60_000);
    const said = bench.log.lines.filter(({ message }) => message === 'The storage account refuses the app');
    expect(said).toHaveLength(1);
    await bench.clock.run(bench.clock.sleep(60_000)); // the lease expires
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { devices: 200 } });
  });
});
