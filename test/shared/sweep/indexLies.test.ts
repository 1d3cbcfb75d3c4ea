import { describe, expect, test } from '@jest/globals';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { recordHubGauges } from '../../../shared/worker/hubGauges.ts';
import { MemoryTelemetry } from '../../support/memoryTelemetry.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from '../worker/fleet.ts';

const hub = 'contoso';
const dayMs = 24 * 3600_000;

async function coverageGauges(bench: WorkerBench) {
  const memory = new MemoryTelemetry(bench.clock);
  await recordHubGauges({ ...bench.deps, telemetry: memory.telemetry }, { name: hub, paused: false });
  return memory.metric('keeper.coverage');
}

describe('a sweep whose query index does not show the hub as it is', () => {
  test('says that the index listed half of the devices, and reports no coverage', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 200);
    for (const id of ids.slice(100)) bench.hub.hiddenFromIndex.add(id);
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', counts: { devices: 100 }, devicesAtEnd: 200 });
    expect(run.reason).toMatch(/listed 100 devices.*counts 200.*no coverage is reported/);
    expect(bench.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ runId, warning: run.reason }) }),
    );
    expect((await readHubDocument(bench.documents, hub)).lastFinishedSweep).toMatchObject({ runId, incomplete: true });
    expect(await coverageGauges(bench)).toEqual([]);

    bench.hub.hiddenFromIndex.clear();
    const next = await bench.start();
    await bench.slices();
    expect((await bench.run(next.runId)).reason).toBeNull();
    expect(await coverageGauges(bench)).toEqual([{ value: 1, hub }]);
  });

  test('tolerates devices that come and go during the run', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 300);
    bench.hub.afterCall = (operation) => {
      if (operation !== 'createModules') return;
      bench.hub.deleteDevice(ids.pop() ?? '');
    };
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.devicesAtEnd).toBeLessThan(290);
    expect([run.status, run.reason]).toEqual(['done', null]);
  });

  test('counts rows that it cannot read, and says so', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 400);
    bench.hub.unreadableRows.add(ids[7] ?? '').add(ids[250] ?? '');
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.counts).toMatchObject({ devices: 398, unreadable: 2, created: 398 });
    expect(run.reason).toMatch(/2 rows of the listing could not be read/);
    expect(sums(run)).toEqual({ devices: 398, pairs: 398 });
  });

  test('creates modules that the index shows and the hub does not have, each after some nights', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 60);
    for (const id of ids) bench.hub.ghostModules.add(`${id}\n${agent}`);
    const created: number[] = [];
    for (let night = 0; night < 101; night++) {
      const { runId } = await bench.start();
      await bench.slices();
      created.push((await bench.run(runId)).counts.created);
      await bench.clock.advance(dayMs - (bench.clock.now() % dayMs));
    }
    expect(created[0]).toBeLessThan(6);
    for (const id of ids) expect(bench.hub.moduleOf(id, agent)).toBeDefined();
  });

  /** A read that fails by itself is tried three times. */
  const triesOfRead = 3;

  test('reads about one present module in a hundred by id, and relies on the index where that read fails', async () => {
    const bench = new WorkerBench();
    for (const id of fleet(bench, 3_000)) bench.hub.addModule(id, agent);
    bench.hub.onCall = (operation) => {
      if (operation === 'hasModule') throw bench.hub.error('unavailable', { status: 500 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    const reads = bench.hub.calls.filter(({ operation }) => operation === 'hasModule').length;
    expect(reads / triesOfRead).toBeGreaterThan(10);
    expect(reads / triesOfRead).toBeLessThan(60);
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { unchanged: 3_000 } });
  });

  test('warns of a policy that selects no device of the hub', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ select: { edge: false, deviceIds: ['pump-*'] } })];
    fleet(bench, 20);
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', reason: 'The policy selects none of the 20 devices.' });
    expect(bench.log.lines.some(({ level, fields }) => level === 'warn' && fields.warning === run.reason)).toBe(true);
  });
});
