import { expect, test } from '@jest/globals';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { readRecentRuns } from '../../../shared/run/recentRuns.ts';
import { runPath } from '../../../shared/run/run.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

test('a run that is cancelled just before its worker writes that it is done counts as cancelled everywhere', async () => {
  const bench = new WorkerBench();
  fleet(bench, 20);
  const { runId } = await bench.start();
  const write = bench.documents.write.bind(bench.documents);
  let cancelled = false;
  bench.documents.write = async (path, value, etag) => {
    const { status } = value as { status?: string };
    if (path === runPath('contoso', runId) && status === 'done' && !cancelled) {
      cancelled = true;
      await bench.cancel(runId);
    }
    return write(path, value, etag);
  };
  await bench.slices();
  expect(cancelled).toBe(true);
  expect(await bench.run(runId)).toMatchObject({ status: 'cancelled' });
  expect(await readRecentRuns(bench.documents, 'contoso')).toMatchObject([{ runId, status: 'cancelled' }]);
  const { lastFinishedSweep, activeRun } = await readHubDocument(bench.documents, 'contoso');
  expect({ lastFinishedSweep, activeRun }).toEqual({ lastFinishedSweep: undefined, activeRun: undefined });
});
