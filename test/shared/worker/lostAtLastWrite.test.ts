import { expect, test } from '@jest/globals';
import { claimOperations } from '../../../shared/run/claimOperations.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

test('a worker that loses its lease during its last write leaves the account of spent operations to the next worker', async () => {
  const bench = new WorkerBench();
  fleet(bench, 20);
  await bench.start();
  const { write } = bench.documents;
  let next: Promise<boolean> | undefined;
  bench.documents.write = async (path, value, etag) => {
    if (path === 'hubs/contoso.json' && (value as { spending?: unknown }).spending !== undefined) {
      bench.documents.write = write;
      bench.leases.break('contoso');
      for (let index = 20; index < 400; index++) bench.hub.addDevice(`device-${index}`);
      await bench.start();
      next = bench.slice();
      await bench.clock.sleep(20_000); // the write is under way for so long
    }
    return write.call(bench.documents, path, value, etag);
  };
  await bench.slice();
  expect(next).toBeDefined();
  expect(await bench.leases.isHeld('contoso')).toBe(true);
  expect(await claimOperations(bench.deps, bench.config, 1)).toMatchObject({ given: false });
  await bench.clock.run(next ?? Promise.resolve(false));
});
