import { expect, test } from '@jest/globals';
import { StorageOutageError } from '../../support/failingWhile.ts';
import { spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

function absent(moduleId: string) {
  return spec({
    moduleId,
    ensure: 'absent',
    stop: { maxFailurePercent: 10, maxChanges: 10_000 },
    removal: { dryRun: 'required', connected: 'leave' },
  });
}

test('a run whose policy changes removes nothing without a dry run of it, also if the slice ends while it looks for one', async () => {
  const bench = new WorkerBench();
  bench.policy = [absent('first')];
  for (let index = 0; index < 60; index++) {
    bench.hub.addDevice(`device-${index}`);
    bench.hub.addModule(`device-${index}`, 'first');
  }
  for (let index = 0; index < 60; index++) bench.hub.addModule(`device-${index}`, 'second');
  await bench.start(true);
  await bench.slices();
  bench.sliceMs = 20_000;
  const { runId } = await bench.start();
  await bench.slice();
  expect((await bench.run(runId)).counts.removed).toBeGreaterThan(0);
  bench.policy = [absent('second')];

  // The hub document cannot be read from the beginning of the listing on, until the process is told to stop.
  let isDown = false;
  const { read } = bench.documents;
  bench.documents.read = async (path) => {
    if (isDown && path === 'hubs/contoso.json') {
      bench.stopping.abort();
      throw new StorageOutageError();
    }
    return read.call(bench.documents, path) as never;
  };
  bench.hub.onCall = async (operation) => {
    isDown ||= operation === 'countModules';
  };
  await expect(bench.slice()).rejects.toThrow(); // as the storage is still down after the slice
  expect(isDown).toBe(true);
  bench.documents.read = read;
  bench.hub.onCall = async () => {};
  bench.stopping = new AbortController();

  await bench.slices();
  const { counts, status } = await bench.run(runId);
  expect({ status, counts }).toMatchObject({ status: 'done', counts: { removed: 0, blocked: { needsDryRun: 60 } } });
  expect(bench.hub.moduleOf('device-0', 'second')).toBeDefined();
});
