import { describe, expect, test } from '@jest/globals';
import { failuresPath } from '../../../shared/run/run.ts';
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
    const failures = (await bench.documents.readText(failuresPath('contoso', runId))) ?? '';
    expect(
      failures
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ deviceId: 'off', moduleId: agent, outcome: 'blocked', reason: 'disabled' }]);
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
