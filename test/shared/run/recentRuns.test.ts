import { describe, expect, test } from '@jest/globals';
import { keptRuns, readRecentRuns } from '../../../shared/run/recentRuns.ts';
import { startRun } from '../../../shared/run/runStore.ts';
import { sweepEveryHub } from '../../../shared/run/sweepEveryHub.ts';
import { StaleDocumentError } from '../../../shared/storage/documents.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const hub = 'contoso';
const recent = (bench: WorkerBench) => readRecentRuns(bench.documents, hub);

/** A hub of which the worker has swept `devices` devices, one of which is disabled. */
async function swept(bench = new WorkerBench(), devices = 3): Promise<WorkerBench> {
  bench.config = { ...bench.config, auth: { kind: 'sas', connectionString: '' } };
  bench.hub.reachesDisabledDevices = false;
  for (let index = 0; index < devices; index++) bench.hub.addDevice(`device-${index}`);
  bench.hub.addDevice('off', { status: 'disabled' });
  await bench.start();
  await bench.slices();
  return bench;
}

describe('the recent runs of a hub', () => {
  test('hold what a run counted, who started it, and the causes of its failures', async () => {
    const bench = await swept();
    const [run] = await bench.runs();
    expect(await recent(bench)).toEqual([
      expect.objectContaining({
        runId: run?.runId,
        status: 'done',
        dryRun: false,
        startedBy: 'http',
        finishedAt: run?.finishedAt,
        counts: run?.counts,
        causes: { blocked: { disabled: 1 } },
        devicesAtStart: 4,
      }),
    ]);
  });

  test('hold a run that was cancelled while it was queued, and not the live one', async () => {
    const bench = await swept();
    const live = await bench.start();
    const { runId } = await bench.start(true);
    await bench.cancel(runId);
    expect((await recent(bench)).map((one) => [one.runId, one.status])[0]).toEqual([runId, 'cancelled']);
    expect((await recent(bench)).map((one) => one.runId)).not.toContain(live.runId);
  });

  test('hold a run that was cancelled while its worker was at it, as cancelled', async () => {
    const bench = await swept();
    bench.hub.addDevice('new');
    const { runId } = await bench.start();
    const slice = bench.slice();
    await bench.cancel(runId);
    await slice;
    expect((await recent(bench))[0]).toMatchObject({ runId, status: 'cancelled' });
  });

  test(`keep the newest ${keptRuns}`, async () => {
    const bench = await swept();
    const ids: string[] = [];
    for (let index = 0; index < keptRuns + 5; index++) {
      await bench.clock.run(bench.clock.sleep(60_000));
      const { runId } = await bench.start(true);
      await bench.cancel(runId);
      ids.push(runId);
    }
    expect((await recent(bench)).map(({ runId }) => runId)).toEqual(ids.reverse().slice(0, keptRuns));
  });

  test.each([
    ['is missing', (bench: WorkerBench) => bench.documents.remove(`recent/${hub}.json`)],
    ['is no JSON', (bench: WorkerBench) => bench.documents.putRaw(`recent/${hub}.json`, '{"runs":[')],
  ])('are made from the runs where their document %s', async (_what, damage) => {
    const bench = await swept();
    const before = await recent(bench);
    await damage(bench);
    expect(await recent(bench)).toEqual(before);
    await bench.start();
    await damage(bench);
    await bench.slices();
    expect(await recent(bench)).toHaveLength(2);
  });

  test('lack only a run whose document is damaged', async () => {
    const bench = await swept();
    const { runId } = await bench.start(true);
    await bench.cancel(runId);
    await bench.documents.putRaw(`runs/${hub}/${runId}.json`, '{"status":');
    await bench.documents.remove(`recent/${hub}.json`);
    expect(await recent(bench)).toHaveLength(1);
    await bench.start();
    await bench.slices();
    expect(await recent(bench)).toHaveLength(2);
  });

  test.each([null, 'x', [{}], { runs: 1 }, { runs: [null, 1, { runId: 'a' }] }])(
    'leave out what they do not understand of %j',
    async (value) => {
      const bench = new WorkerBench();
      await bench.documents.write(`recent/${hub}.json`, value, undefined);
      expect(await recent(bench)).toEqual([]);
    },
  );

  test('get from the nightly sweep the runs that an earlier version ended', async () => {
    const bench = await swept();
    const stored = await bench.documents.read(`recent/${hub}.json`);
    await bench.documents.write(`recent/${hub}.json`, { runs: [] }, stored?.etag);
    const hubs = new Map([[hub, { hub: { name: hub, paused: false } }]]);
    const deps = { ...bench.deps, documents: bench.documents, hubs, outOfService: [], schedule: '0 0 2 * * *' };
    await sweepEveryHub(deps, { isPastDue: false, isRetry: false });
    expect(await recent(bench)).toHaveLength(1);
  });

  test('lose no run when two end at the same time', async () => {
    const bench = await swept();
    const first = await bench.start();
    const second = await bench.start(true);
    await Promise.all([bench.cancel(first.runId), bench.cancel(second.runId)]);
    expect((await recent(bench)).map(({ runId }) => runId)).toEqual(
      expect.arrayContaining([first.runId, second.runId]),
    );
  });

  test('are noted again if the hub document could not be written after them', async () => {
    const bench = await swept();
    const { runId } = await bench.start();
    const { write } = bench.documents;
    let failures = 20;
    bench.documents.write = async (path, ...rest) => {
      if (path.startsWith('hubs/') && failures-- > 0) throw new StaleDocumentError(path);
      return write.call(bench.documents, path, ...rest);
    };
    await expect(bench.cancel(runId)).rejects.toThrow(StaleDocumentError);
    failures = 0;
    await bench.slices();
    expect((await recent(bench)).filter((one) => one.runId === runId)).toHaveLength(1);
    expect((await bench.run(runId)).status).toBe('cancelled');
  });

  test('of a stored run that an earlier version began have the causes that its counts tell', async () => {
    const bench = new WorkerBench();
    const { run } = await startRun(bench.deps, hub, { dryRun: false, startedBy: 'timer' });
    const { startedBy: _by, causes: _causes, ...old } = run;
    const counts = { ...run.counts, devices: 5, selected: 5, failed: 2, blocked: { disabled: 3 } };
    const stored = await bench.documents.read(`runs/${hub}/${run.runId}.json`);
    await bench.documents.write(`runs/${hub}/${run.runId}.json`, { ...old, counts, version: 2 }, stored?.etag);
    await bench.cancel(run.runId);
    expect((await recent(bench))[0]).toMatchObject({
      startedBy: null,
      causes: { blocked: { disabled: 3 }, failed: { 'not recorded': 2 } },
    });
  });
});
