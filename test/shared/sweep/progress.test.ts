import { expect, test } from '@jest/globals';
import { type Run, runPath } from '../../../shared/run/run.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from '../worker/fleet.ts';

test('the estimated end is not shown within the first minute, and is then right within a third, over all slices', async () => {
  const bench = new WorkerBench();
  bench.sliceMs = 90_000;
  fleet(bench, 600);
  const { runId } = await bench.start();
  const estimates: { atMs: number; endMs: number | undefined }[] = [];
  const write = bench.documents.write.bind(bench.documents);
  bench.documents.write = async (path, value, etag) => {
    const { status, progress } = value as Run;
    if (path === runPath('contoso', runId) && status === 'running') {
      const endMs = progress.estimatedEnd === null ? undefined : Date.parse(progress.estimatedEnd);
      estimates.push({ atMs: bench.clock.now(), endMs });
    }
    return write(path, value, etag);
  };
  const startedAtMs = bench.clock.now();
  expect(await bench.slices()).toBeGreaterThan(5);
  const tookMs = bench.clock.now() - startedAtMs;
  const early = estimates.filter(({ atMs }) => atMs - startedAtMs < 60_000);
  expect(early.map(({ endMs }) => endMs)).toEqual(early.map(() => undefined));
  const later = estimates.filter(({ atMs }) => atMs - startedAtMs > 62_000);
  expect(later.length).toBeGreaterThan(50);
  for (const { endMs = 0 } of later) {
    expect((endMs - startedAtMs) / tookMs).toBeGreaterThan(0.67);
    expect((endMs - startedAtMs) / tookMs).toBeLessThan(1.5);
  }
});
