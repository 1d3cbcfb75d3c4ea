import { expect, test } from '@jest/globals';
import { readHubDocument, updateHubDocument } from '../../../shared/run/hubDocument.ts';
import { type Run, runPath } from '../../../shared/run/run.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from '../worker/fleet.ts';

/** Members that a later version may add anywhere. */
const added = { addedLater: { by: 'a later version' } };

test('an older version continues with the documents of a later one, and keeps members that it does not know', async () => {
  const bench = new WorkerBench();
  bench.sliceMs = 60_000;
  const ids = fleet(bench, 150);
  const { runId } = await bench.start();
  await bench.slice();
  const path = runPath('contoso', runId);
  const stored = await bench.documents.read<Run>(path);
  if (!stored) throw new Error('no run');
  expect(stored.value.status).toBe('running');
  const { checkpoint } = stored.value;
  await bench.documents.write(
    path,
    { ...stored.value, ...added, checkpoint: { ...checkpoint, ...added } },
    stored.etag,
  );
  await updateHubDocument(bench.documents, 'contoso', (document) => ({ ...document, ...added }));

  await bench.slices();
  const run = await bench.run(runId);
  expect(run).toMatchObject({ status: 'done', counts: { devices: 150, created: 150, unchanged: 0 }, ...added });
  for (const id of ids) expect(bench.hub.moduleOf(id, agent)).toBeDefined();
  expect(await readHubDocument(bench.documents, 'contoso')).toMatchObject({ lastFinishedSweep: { runId }, ...added });
});
