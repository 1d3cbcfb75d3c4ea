import { expect, test } from '@jest/globals';
import { readCertificate } from '../../../shared/http/certificate.ts';
import { keptRuns } from '../../../shared/run/recentRuns.ts';
import { runPath } from '../../../shared/run/run.ts';
import { startUndo } from '../../../shared/run/runStore.ts';
import { fixedPolicy, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const old = 'azureiotsecurity';

/** A hub with two devices, whose policy removes a module from both. */
function setUp() {
  const bench = new WorkerBench();
  const removal = { dryRun: 'off', connected: 'leave' } as const;
  const stop = { maxFailurePercent: 10, maxChanges: 10 };
  bench.policy = [spec({ moduleId: old, ensure: 'absent', removal, stop })];
  for (const id of ['a', 'b']) {
    bench.hub.addDevice(id);
    bench.hub.addModule(id, old);
  }
  const certificate = () =>
    readCertificate({ ...bench.deps, policies: fixedPolicy(bench.policy), version: '1' }, { hub: bench.config });
  return { bench, certificate };
}

test('a certificate says nothing about a hub on which an undo has created modules since its last sweep', async () => {
  const { bench, certificate } = setUp();
  const { runId } = await bench.start();
  await bench.slices();
  expect((await certificate()).modules).toMatchObject([{ moduleId: old, covered: 2 }]);
  await bench.clock.advance(60_000);
  const { run: undo } = await startUndo(bench.deps, 'contoso', runId);
  const refusal = { status: 409, detail: expect.stringContaining(undo.runId) };
  await expect(certificate()).rejects.toMatchObject(refusal);
  await bench.slices();
  expect((await bench.run(undo.runId)).counts.created).toBe(2);
  await expect(certificate()).rejects.toMatchObject(refusal);
  for (let dryRuns = 0; dryRuns <= keptRuns; dryRuns++) {
    await bench.start(true);
    await bench.slices();
  }
  await expect(certificate()).rejects.toMatchObject(refusal); // although the list of recent runs no longer has the undo
  await bench.start();
  await bench.slices();
  expect((await certificate()).modules).toMatchObject([{ moduleId: old, covered: 2 }]);
});

test('a certificate says nothing about a sweep whose undo was requested as soon as it said that it is done', async () => {
  const { bench, certificate } = setUp();
  const { runId } = await bench.start();
  const { write } = bench.documents;
  bench.documents.write = async (path, value, etag) => {
    const written = await write.call(bench.documents, path, value, etag);
    if (path === runPath('contoso', runId) && (value as { status?: string }).status === 'done') {
      bench.documents.write = write;
      await startUndo(bench.deps, 'contoso', runId);
    }
    return written;
  };
  await bench.slices();
  expect(bench.hub.moduleOf('a', old)).toBeDefined();
  await expect(certificate()).rejects.toMatchObject({ status: 409 });
});
