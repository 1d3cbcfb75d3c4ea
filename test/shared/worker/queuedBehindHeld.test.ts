import { expect, test } from '@jest/globals';
import { spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

test('a dry run that is requested just as the worker lets a run wait for its window does not wait with it', async () => {
  const bench = new WorkerBench();
  bench.policy = [spec({ windows: [{ days: ['mon'], from: '06:00', to: '08:00' }] })];
  fleet(bench, 20);
  const held = await bench.start();
  const { write } = bench.documents;
  let dryRun = '';
  bench.documents.write = async (path, value, etag) => {
    if (dryRun === '' && (value as { heldRun?: unknown }).heldRun !== undefined) {
      bench.documents.write = write;
      dryRun = (await bench.start(true)).runId; // its wake-up finds the lease held
    }
    return write.call(bench.documents, path, value, etag);
  };
  expect(await bench.slice()).toBe(true);
  await bench.slices();
  expect(await bench.run(dryRun)).toMatchObject({ status: 'done' });
  expect(await bench.run(held.runId)).toMatchObject({
    status: 'running',
    waitingFor: expect.stringMatching(/windows/),
  });
});

test('the watch wakes a hub whose next run is queued behind one that waits for its window', async () => {
  const bench = new WorkerBench();
  bench.policy = [spec({ windows: [{ days: ['mon'], from: '06:00', to: '08:00' }] })];
  fleet(bench, 20);
  await bench.start();
  await bench.slices();
  await bench.start(true); // whose wake-up is lost
  await bench.clock.advance(300_000);
  bench.wakeUps.sent.length = 0;
  await bench.watch();
  expect(bench.wakeUps.sent.map(({ hub }) => hub)).toEqual(['contoso']);
});
