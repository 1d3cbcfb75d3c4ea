import { describe, expect, test } from '@jest/globals';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from '../worker/fleet.ts';

describe('the preflight of a sweep', () => {
  test('stores the size of the hub, the hours and the messages that the run needs', async () => {
    const bench = new WorkerBench();
    fleet(bench, 600);
    bench.hub.addModule('device-1', 'camera');
    const { runId } = await bench.start();
    bench.sliceMs = 20_000;
    await bench.slice();
    expect((await bench.run(runId)).preflight).toEqual({
      devices: 600,
      modules: 1,
      places: 1_000_000 - 601 - 10_000,
      hoursAtMost: 0.2, // 600 modules at 50 a minute
      listingMessages: 54, // six pages of 100 devices, 4 + 4 messages each, and six twins
      warnings: [],
    });
    expect(bench.log.lines.some(({ message }) => message === 'Preflight')).toBe(true);
  });

  test('makes nothing on a hub with only the reserved headroom, and gives the reason', async () => {
    const bench = new WorkerBench();
    fleet(bench, 10);
    bench.hub.otherIdentities = 989_995;
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/the last 10000 are reserved for its owner/);
    expect(bench.hub.modules.size).toBe(0);
  });

  test('does not stop a run on a full hub that lacks no module', async () => {
    const bench = new WorkerBench();
    for (const id of fleet(bench, 10)) bench.hub.addModule(id, agent);
    bench.hub.otherIdentities = 999_980;
    const { runId } = await bench.start();
    await bench.slices();
    const run = await bench.run(runId);
    expect(run).toMatchObject({ status: 'done', counts: { unchanged: 10 }, preflight: { places: 0 } });
  });

  test('is followed by a recount, so that the run fails before it uses the reserved headroom', async () => {
    const bench = new WorkerBench();
    fleet(bench, 40);
    bench.hub.otherIdentities = 990_000 - 40 - 22;
    const { runId } = await bench.start();
    bench.hub.afterCall = (operation) => {
      if (operation === 'createModules' && bench.hub.modules.size === 10) bench.hub.otherIdentities -= 5;
    };
    await bench.slices();
    const run = await bench.run(runId);
    expect(run.status).toBe('failed');
    expect(run.preflight?.warnings.join()).toMatch(/Only 22 modules can be created/);
    expect(bench.hub.modules.size).toBeGreaterThanOrEqual(22);
    expect(bench.hub.modules.size).toBeLessThanOrEqual(27);
  });

  test('fails the run if listing would use more than its share of the daily message quota', async () => {
    const bench = new WorkerBench();
    bench.config = { ...bench.config, tier: 'F1' };
    fleet(bench, 50_000);
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).reason).toMatch(/costs about \d+ messages, more than the granted 50 %/);
  });
});
