import { describe, expect, test } from '@jest/globals';
import { coverageOf } from '../../../shared/run/counts.ts';
import { readReport } from '../../../shared/run/report.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from '../worker/fleet.ts';

describe('a sweep', () => {
  test('creates the module on every selected device and changes no other', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 230);
    bench.hub.addModule('device-7', agent);
    bench.hub.addDevice('edge', { edge: true });
    bench.hub.addDevice('off', { status: 'disabled' });
    bench.hub.addDevice("a'b");
    const keyBefore = bench.hub.moduleOf('device-7', agent)?.key;
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({
      status: 'done',
      reason: null,
      waitingFor: null,
      counts: {
        devices: 233,
        selected: 232,
        excluded: { edge: 1 },
        created: 230,
        unchanged: 1,
        blocked: { disabled: 1 },
      },
      progress: { pages: 3 },
    });
    expect(sums(run)).toEqual({ devices: 233, pairs: 232 });
    for (const id of [...ids, "a'b"]) expect(bench.hub.moduleOf(id, agent)).toBeDefined();
    expect(bench.hub.moduleOf('edge', agent)).toBeUndefined();
    expect(bench.hub.moduleOf('device-7', agent)?.key).toBe(keyBefore);
    const failures = await readReport(bench.documents, run, 'failures');
    expect(
      failures
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ deviceId: 'off', moduleId: agent, outcome: 'blocked', reason: 'disabled' }]);
  });

  test('counts a disabled device that has its module as unchanged, and only one that lacks it as blocked', async () => {
    const bench = new WorkerBench();
    fleet(bench, 10);
    for (const id of ['off-1', 'off-2']) bench.hub.addDevice(id, { status: 'disabled' });
    bench.hub.addModule('off-1', agent);
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.counts).toMatchObject({ selected: 12, created: 10, unchanged: 1, blocked: { disabled: 1 } });
    expect(sums(run)).toEqual({ devices: 12, pairs: 12 });
    expect(coverageOf(run.counts)).toBeCloseTo(11 / 12, 6);
  });

  test.each([false, true])('blocks every pair of a Basic hub without a call (dry run: %s)', async (dryRun) => {
    const bench = new WorkerBench();
    bench.hub.tierHasModules = false;
    fleet(bench, 10);
    bench.hub.addDevice('edge', { edge: true });
    const { runId } = await bench.start(dryRun);
    await bench.slices();
    const run = await bench.run(runId);
    const counts = {
      devices: 11,
      selected: 10,
      excluded: { edge: 1 },
      created: 0,
      blocked: { tierWithoutModules: 10 },
    };
    expect(run).toMatchObject({ status: 'done', counts });
    const operations = new Set(bench.hub.calls.map(({ operation }) => operation));
    expect([...operations].sort()).toEqual(['countDevices', 'countModules', 'listDevices']);
  });

  test('counts no module of others as created where a bulk call is refused because one exists', async () => {
    const bench = new WorkerBench();
    const ids = fleet(bench, 10);
    bench.hub.onCall = (operation) => {
      if (operation !== 'createModules') return;
      for (const id of ids.slice(0, 4)) if (!bench.hub.moduleOf(id, agent)) bench.hub.addModule(id, agent);
      throw bench.hub.error('moduleExists', { status: 409 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).counts).toMatchObject({ created: 6, unchanged: 4 });
  });

  test('changes nothing when it runs again, and counts all as unchanged', async () => {
    const bench = new WorkerBench();
    fleet(bench, 50);
    await bench.start();
    await bench.slices();
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).counts).toMatchObject({ created: 0, unchanged: 50 });
  });

  test('continues over many slices, within a page, without repeating anything', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 20_000;
    const ids = fleet(bench, 260);
    const { runId } = await bench.start();
    expect(await bench.slices()).toBeGreaterThan(5);
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', counts: { created: 260, unchanged: 0 } });
    expect(ids.every((id) => bench.hub.moduleOf(id, agent))).toBe(true);
  });

  test('creates no more than the granted share of the hub in any minute', async () => {
    const bench = new WorkerBench();
    bench.sliceMs = 60_000;
    fleet(bench, 400);
    await bench.start();
    await bench.slices();
    expect(bench.hub.modules.size).toBe(400);
    const creates = bench.hub.calls.filter(({ operation }) => operation === 'createModules');
    for (const { atMs } of creates) {
      const inWindow = creates.filter((call) => call.atMs > atMs - 60_000 && call.atMs <= atMs);
      expect(inWindow.reduce((sum, call) => sum + call.cost, 0)).toBeLessThanOrEqual(50);
    }
  });

  test('counts what it would create as a dry run, and creates nothing', async () => {
    const bench = new WorkerBench();
    fleet(bench, 30);
    const { runId } = await bench.start(true);
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', dryRun: true, counts: { created: 30 } });
    expect(bench.hub.modules.size).toBe(0);
  });

  test('has exact sums with several specs that select different devices', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec(), spec({ moduleId: 'telemetry', select: { edge: true } })];
    fleet(bench, 5);
    bench.hub.addDevice('edge', { edge: true });
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.counts).toMatchObject({ devices: 6, selected: 6, created: 11, excludedPairs: 1 });
    expect(sums(run)).toEqual({ devices: 6, pairs: 12 });
    expect([...(bench.hub.modules.get('edge')?.keys() ?? [])]).toEqual(['telemetry']);
  });

  test('creates certificate-authority modules on certificate-authority devices, and seeds twins', async () => {
    const bench = new WorkerBench();
    bench.policy = [spec({ twin: { mode: 'seed', desired: { level: 3 } } })];
    bench.hub.addDevice('ca', { authenticationType: 'certificateAuthority' });
    bench.hub.addDevice('thumbprint', { authenticationType: 'selfSigned' });
    await bench.start();
    await bench.slices();
    expect(bench.hub.moduleOf('ca', agent)).toMatchObject({
      authentication: 'certificateAuthority',
      twin: { desired: { level: 3 } },
    });
    expect(bench.hub.moduleOf('thumbprint', agent)).toMatchObject({ authentication: 'sas' });
  });
});
