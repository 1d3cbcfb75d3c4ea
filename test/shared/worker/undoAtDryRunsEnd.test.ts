import { expect, test } from '@jest/globals';
import { runPath } from '../../../shared/run/run.ts';
import { startUndo } from '../../../shared/run/runStore.ts';
import { spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

test('a dry run counts no more after an undo, also if the undo was requested as soon as the dry run said that it is done', async () => {
  const bench = new WorkerBench();
  bench.policy = [spec({ moduleId: 'old', ensure: 'absent', removal: { dryRun: 'required', connected: 'leave' } })];
  bench.hub.addDevice('a');
  bench.hub.addModule('a', 'old');
  await bench.start(true);
  await bench.slices();
  const removal = await bench.start();
  await bench.slices();
  expect(bench.hub.moduleOf('a', 'old')).toBeUndefined();

  const dryRun = await bench.start(true);
  const { write } = bench.documents;
  bench.documents.write = async (path, value, etag) => {
    const written = await write.call(bench.documents, path, value, etag);
    if (path === runPath('contoso', dryRun.runId) && (value as { status?: string }).status === 'done') {
      bench.documents.write = write;
      await startUndo(bench.deps, 'contoso', removal.runId);
    }
    return written;
  };
  await bench.slices();
  expect(bench.hub.moduleOf('a', 'old')).toBeDefined();
  await bench.clock.advance(3600_000);
  const sweep = await bench.start();
  await bench.slices();
  expect((await bench.run(sweep.runId)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 1 } });
});
