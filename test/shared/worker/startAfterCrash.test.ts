import { expect, test } from '@jest/globals';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { StorageRefusalError } from '../../support/failingWhile.ts';
import { spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

/** Starts a run whose worker dies when it has written that the run is done. */
async function doneAndDead(bench: WorkerBench, dryRun: boolean) {
  const { runId } = await bench.start(dryRun);
  const { write } = bench.documents;
  let isDone = false;
  bench.documents.write = async (path, value, etag) => {
    if (isDone) throw new StorageRefusalError();
    const written = await write.call(bench.documents, path, value, etag);
    isDone = (value as { status?: string }).status === 'done';
    return written;
  };
  await expect(bench.slice()).rejects.toThrow();
  bench.documents.write = write;
  expect((await bench.run(runId)).status).toBe('done');
  return runId;
}

test('a run that is started after the worker of the last one died just at its end loses nothing of what that one found', async () => {
  const bench = new WorkerBench();
  bench.policy = [spec({ moduleId: 'old', ensure: 'absent', removal: { dryRun: 'required', connected: 'leave' } })];
  bench.hub.addDevice('a');
  bench.hub.addModule('a', 'old');
  await doneAndDead(bench, true);
  const removal = await bench.start();
  await bench.slices();
  expect((await bench.run(removal.runId)).counts).toMatchObject({ removed: 1, blocked: {} });

  const sweep = await doneAndDead(bench, false);
  await bench.start(true);
  await bench.slices();
  expect((await readHubDocument(bench.documents, 'contoso')).lastFinishedSweep).toMatchObject({ runId: sweep });
});
