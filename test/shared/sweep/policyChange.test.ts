import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { policyFingerprint } from '../../../shared/policy/policyFingerprint.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { sums } from '../worker/fleet.ts';

function largeBench(devices: number): WorkerBench {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
  bench.sliceMs = 30_000;
  for (let index = 0; index < devices; index++) bench.hub.addDevice(`${index % 2 ? 'keep' : 'drop'}-${index}`);
  return bench;
}

const modulesOn = (bench: WorkerBench, prefix: string) =>
  [...bench.hub.modules.keys()].filter((id) => id.startsWith(prefix)).length;

describe('a run whose policy changes between two slices', () => {
  test('creates no module on a device that the new policy excludes, and says that it began anew', async () => {
    const bench = largeBench(8_000);
    const { runId } = await bench.start();
    await bench.slice();
    const before = modulesOn(bench, 'drop');
    expect(before).toBeGreaterThan(0);
    expect((await bench.run(runId)).policy).toBe(policyFingerprint(bench.policy));
    bench.policy = [spec({ select: { edge: false, deviceIds: ['keep-*'] } })];
    await bench.slices();
    const run = await bench.run(runId);
    expect(modulesOn(bench, 'drop')).toBe(before);
    expect(modulesOn(bench, 'keep')).toBe(4_000);
    expect(run).toMatchObject({
      status: 'done',
      policy: policyFingerprint(bench.policy),
      reason: expect.stringMatching(/policy was changed after \d+ devices; listing and counts were restarted/),
      counts: { devices: 8_000, selected: 4_000, excluded: { deviceId: 4_000 } },
    });
    expect(sums(run)).toEqual({ devices: 8_000, pairs: 4_000 });
  });

  test('creates the modules of an added spec on every device', async () => {
    const bench = largeBench(4_000);
    const { runId } = await bench.start();
    await bench.slice();
    bench.policy = [spec(), spec({ moduleId: 'camera' })];
    await bench.slices();
    const run = await bench.run(runId);
    expect([...bench.hub.modules.values()].filter((modules) => modules.has('camera'))).toHaveLength(4_000);
    expect([...bench.hub.modules.values()].filter((modules) => modules.has(agent))).toHaveLength(4_000);
    expect([run.status, sums(run)]).toEqual(['done', { devices: 4_000, pairs: 8_000 }]);
  });

  test('may change its policy more often than a hub may refuse its token, and then still restart for a refused token', async () => {
    const bench = largeBench(8_000);
    const { runId } = await bench.start();
    bench.sliceMs = 15_000;
    for (let change = 0; change < 6; change++) {
      bench.policy = [spec({ stop: { maxFailurePercent: 10 + change } })];
      await bench.slice();
    }
    let refused = 0;
    bench.hub.onCall = (operation) => {
      if (operation !== 'listDevices' || refused === 3) return; // a refusal is believed at the third time
      refused += 1;
      throw bench.hub.error('invalid', { status: 400 });
    };
    await bench.slices();
    const run = await bench.run(runId);
    expect(refused).toBe(3);
    expect([run.status, sums(run)]).toEqual(['done', { devices: 8_000, pairs: 8_000 }]);
    expect(run.checkpoint.restarts).toBe(1);
  });

  test('still stops at stop.maxChanges, counting what it created before', async () => {
    const bench = largeBench(4_000);
    const stop = { maxFailurePercent: 10, maxChanges: 3_000 };
    bench.policy = [spec({ stop })];
    const { runId } = await bench.start();
    await bench.slice();
    const before = bench.hub.modules.size;
    expect(before).toBeGreaterThan(500);
    bench.policy = [spec({ stop: { ...stop, maxFailurePercent: 20 } })];
    await bench.slices();
    expect((await bench.run(runId)).reason).toMatch(/more than stop.maxChanges \(3000\)/);
    expect(bench.hub.modules.size).toBeLessThanOrEqual(3_000);
  });

  test('does not count what a dry run predicted before', async () => {
    const bench = largeBench(2_000);
    const stop = { maxFailurePercent: 10, maxChanges: 2_000 };
    bench.policy = [spec({ stop })];
    const { runId } = await bench.start(true);
    bench.sliceMs = 1_500;
    await bench.slice();
    expect((await bench.run(runId)).counts.created).toBeGreaterThan(0);
    bench.policy = [spec({ stop: { ...stop, maxFailurePercent: 20 } })];
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', counts: { created: 2_000 } });
  });
});

describe('the page size of a listing', () => {
  test('stays the same with every continuation token, whatever the hub has taught about its rate', async () => {
    const bench = largeBench(3_000);
    const sizes: { maxRows: number; continuation: string | undefined }[] = [];
    const registry = bench.hub.registry.bind(bench.hub);
    bench.hub.registry = () => {
      const inner = registry();
      return {
        ...inner,
        listDevices: (query) => {
          sizes.push({ maxRows: query.maxRows, continuation: query.continuation });
          return inner.listDevices(query);
        },
      };
    };
    let creates = 0;
    bench.hub.onCall = (operation) => {
      if (operation !== 'createModules') return;
      creates += 1;
      if (creates % 5 === 0 && creates < 40) throw bench.hub.error('throttled', { status: 429 });
    };
    const { runId } = await bench.start();
    await bench.slices();
    expect((await bench.run(runId)).status).toBe('done');
    expect(sizes.length).toBeGreaterThan(2);
    expect(new Set(sizes.map(({ maxRows }) => maxRows))).toEqual(new Set([1_000]));
  });

  test('is as many rows as two minutes create modules for, with several specs on each device', async () => {
    const bench = largeBench(1_000);
    bench.policy = Array.from({ length: 20 }, (_, index) => spec({ moduleId: `module-${index}` }));
    const { runId } = await bench.start();
    await bench.slice();
    expect((await bench.run(runId)).checkpoint.pageRows).toBe(250); // 2,500 creates a minute, 20 for a device
  });
});
