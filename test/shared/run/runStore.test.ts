import { describe, expect, test } from '@jest/globals';
import type { HubDocument } from '../../../shared/run/hubDocument.ts';
import { pruneRuns } from '../../../shared/run/pruneRuns.ts';
import { listRunIds } from '../../../shared/run/readRuns.ts';
import { removedParts, writeRemoved } from '../../../shared/run/removedModules.ts';
import { reportPath } from '../../../shared/run/report.ts';
import { runIdPattern, runPath } from '../../../shared/run/run.ts';
import { startRun, startUndo } from '../../../shared/run/runStore.ts';
import { type Documents, StaleDocumentError } from '../../../shared/storage/documents.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
const hubDocument = (bench: WorkerBench) => bench.documents.read<HubDocument>('hubs/contoso.json');

describe('runs', () => {
  test('a started run is queued, claimed by the hub document, and named after its time', async () => {
    const bench = new WorkerBench();
    const run = await bench.start();
    expect(run.runId).toMatch(runIdPattern);
    expect(run.runId).toMatch(/^20261123T020000Z-/);
    expect(await bench.run(run.runId)).toMatchObject({ status: 'queued', dryRun: false, startedAt: null });
    expect((await hubDocument(bench))?.value.activeRun?.runId).toBe(run.runId);
  });

  test('a second start of the same kind returns the first run', async () => {
    const bench = new WorkerBench();
    const first = await bench.start();
    const second = await startRun(bench.deps, hub, { dryRun: false, startedBy: 'http' });
    expect(second).toMatchObject({ alreadyRunning: true, run: { runId: first.runId } });
    expect(await listRunIds(bench.documents, hub)).toEqual([first.runId]);
  });

  test('a dry run never replaces a real one: the real run is queued behind it', async () => {
    const bench = new WorkerBench();
    const dry = await bench.start(true);
    const real = await bench.start(false);
    expect(real.runId).not.toBe(dry.runId);
    expect((await hubDocument(bench))?.value).toMatchObject({
      activeRun: { runId: dry.runId, dryRun: true },
      queuedRun: { runId: real.runId, dryRun: false },
    });
    bench.hub.addDevice('a');
    await bench.slices();
    expect((await bench.run(dry.runId)).status).toBe('done');
    expect(await bench.run(real.runId)).toMatchObject({ status: 'done', counts: { created: 1 } });
  });

  test('exactly one of several concurrent starters makes the run, and all return it', async () => {
    const bench = new WorkerBench();
    const starts = await Promise.all(
      Array.from({ length: 8 }, () => startRun(bench.deps, hub, { dryRun: false, startedBy: 'http' })),
    );
    expect(new Set(starts.map(({ run }) => run.runId)).size).toBe(1);
    expect(starts.filter(({ alreadyRunning }) => !alreadyRunning)).toHaveLength(1);
    expect(await listRunIds(bench.documents, hub)).toHaveLength(1);
  });

  test('a cancelled run is removed from the hub document, and cancelling it again returns it unchanged', async () => {
    const bench = new WorkerBench();
    const { runId } = await bench.start();
    const cancelled = await bench.cancel(runId);
    expect(cancelled).toMatchObject({ status: 'cancelled', finishedAt: '2026-11-23T02:00:00.000Z' });
    await bench.clock.advance(5_000);
    expect(await bench.cancel(runId)).toEqual(cancelled);
    expect((await hubDocument(bench))?.value.activeRun).toBeUndefined();
    expect(await bench.cancel('20200101T000000Z-0000')).toBeUndefined();
  });

  test('cancelling a done run leaves it in the hub document until a worker has stored its results there', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    const { runId } = await bench.start();
    await bench.slices();
    const before = await hubDocument(bench);
    expect(before?.value.lastFinishedSweep?.runId).toBe(runId);
    // The document as the worker leaves it if it dies after it has written the end of the run.
    const { lastFinishedSweep: _notStored, ...rest } = before?.value ?? {};
    const activeRun = { runId, dryRun: false, requestedAt: '2026-11-23T02:00:00.000Z' };
    await bench.documents.write('hubs/contoso.json', { ...rest, activeRun }, before?.etag);
    expect(await bench.cancel(runId)).toMatchObject({ status: 'done' });
    await bench.slices();
    const after = (await hubDocument(bench))?.value;
    expect(after?.activeRun).toBeUndefined();
    expect(after?.lastFinishedSweep?.runId).toBe(runId);
  });

  test('a claimed run is done even if its starter crashed before it wrote the run document', async () => {
    const bench = new WorkerBench();
    const { runId } = await bench.start();
    await bench.documents.remove(runPath(hub, runId));
    bench.hub.addDevice('a');
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 1 } });
    expect((await hubDocument(bench))?.value.activeRun).toBeUndefined();
  });

  test('a start whose claim was written keeps it if the response was lost', async () => {
    const bench = new WorkerBench();
    const { documents } = bench;
    let lost = false;
    const losing: Documents = {
      read: (path) => documents.read(path),
      readEtag: (path) => documents.readEtag(path),
      list: (prefix) => documents.list(prefix),
      remove: (path) => documents.remove(path),
      write: async (path, value, etag) => {
        const written = await documents.write(path, value, etag);
        if (!path.startsWith('hubs/') || lost) return written;
        lost = true;
        throw new StaleDocumentError(path); // the storage client's retry conflicts with its first try
      },
    };
    const { run, alreadyRunning } = await startRun({ ...bench.deps, documents: losing }, hub, {
      dryRun: false,
      startedBy: 'http',
    });
    expect(alreadyRunning).toBe(false);
    expect((await bench.run(run.runId)).status).toBe('queued');
    expect((await hubDocument(bench))?.value.activeRun?.runId).toBe(run.runId);
  });

  test('are kept for 90 days and then removed with their failures', async () => {
    const bench = new WorkerBench();
    const old = await bench.start();
    await bench.documents.writePart(reportPath({ hub: hub, runId: old.runId }, 'failures'), 1, '{}\n');
    await bench.cancel(old.runId);
    await bench.clock.advance(89 * 24 * 3600_000);
    expect(await pruneRuns(bench.deps, hub, 100)).toBe(0);
    await bench.clock.advance(24 * 3600_000 + 1000);
    const young = await bench.start();
    expect(await pruneRuns(bench.deps, hub, 100)).toBe(1);
    expect(await bench.documents.list('runs/')).toEqual([runPath(hub, young.runId)]);
  });

  test('what an old run has removed is kept while an undo of it is live', async () => {
    const bench = new WorkerBench();
    const old = await bench.start();
    await writeRemoved(bench.documents, old, 1, [
      { deviceId: 'a', moduleId: 'm', authentication: 'sas', generationId: '1', twin: { tags: {}, desired: {} } },
    ]);
    await bench.cancel(old.runId);
    await bench.clock.advance(91 * 24 * 3600_000);
    const { run: undo } = await startUndo(bench.deps, hub, old.runId);
    expect(await pruneRuns(bench.deps, hub, 100)).toBe(0);
    expect(await removedParts(bench.documents, old)).toEqual([1]);
    await bench.cancel(undo.runId);
    expect(await pruneRuns(bench.deps, hub, 100)).toBe(1);
  });

  test('the last finished sweep is kept in the hub document', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    const { runId } = await bench.start();
    await bench.slices();
    expect((await hubDocument(bench))?.value.lastFinishedSweep).toMatchObject({ runId, counts: { created: 1 } });
  });
});
