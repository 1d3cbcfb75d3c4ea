import { describe, expect, test } from '@jest/globals';
import { driveRun } from '../../support/driveRun.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, largeHub } from '../worker/fleet.ts';

/** The hub refuses each call with this module in it. */
function refuseModule(bench: WorkerBench, refused: string): void {
  const registry = bench.hub.registry.bind(bench.hub);
  const check = (creations: readonly { moduleId: string }[]) => {
    if (!creations.some(({ moduleId }) => moduleId === refused)) return;
    throw bench.hub.error('invalid', { status: 400, code: 'ArgumentInvalid' });
  };
  bench.hub.registry = () => {
    const plain = registry();
    return {
      ...plain,
      createModule: async (creation) => {
        check([creation]);
        return plain.createModule(creation);
      },
      createModules: async (creations, onInFlight) => {
        check(creations);
        return plain.createModules(creations, onInFlight);
      },
    };
  };
}

const withModule = (bench: WorkerBench, moduleId: string) =>
  [...bench.hub.modules.values()].filter((modules) => modules.has(moduleId)).length;

describe('a policy with two modules, one of which meets its stop rule', () => {
  test('creates the other one on every device when the hub always refuses the first', async () => {
    const bench = new WorkerBench();
    largeHub(bench);
    fleet(bench, 2_500);
    bench.policy = [spec({ moduleId: 'camera' }), spec()];
    refuseModule(bench, 'camera');
    const { runId } = await bench.start();
    const { run } = await driveRun(bench, runId);
    expect(withModule(bench, agent)).toBe(2_500);
    expect(run).toMatchObject({ status: 'failed', counts: { devices: 2_500, created: 2_500 } });
    expect(run.reason).toMatch(/camera: \d+ failures on \d+ devices are more than 10 %.*other modules/);
    expect(run.counts.failed).toBeLessThan(500);
  });

  test('creates the other one on every device when the first has made stop.maxChanges', async () => {
    const bench = new WorkerBench();
    largeHub(bench);
    fleet(bench, 2_500);
    bench.policy = [spec({ moduleId: 'camera', stop: { maxFailurePercent: 10, maxChanges: 1_500 } }), spec()];
    const { runId } = await bench.start();
    const { run } = await driveRun(bench, runId);
    expect(withModule(bench, agent)).toBe(2_500);
    expect(withModule(bench, 'camera')).toBeLessThanOrEqual(1_500);
    expect(run).toMatchObject({ status: 'failed', reason: expect.stringMatching(/stop.maxChanges \(1500\)/) });
  });

  test('leaves the first one out in later slices too, and ends the run when the last module meets its rule', async () => {
    const bench = new WorkerBench();
    largeHub(bench);
    bench.sliceMs = 15_000;
    fleet(bench, 2_500);
    const stop = { maxFailurePercent: 10, maxChanges: 1_500 };
    bench.policy = [spec({ moduleId: 'camera' }), spec({ stop })];
    refuseModule(bench, 'camera');
    const { runId } = await bench.start();
    const { run } = await driveRun(bench, runId);
    expect(withModule(bench, agent)).toBeLessThanOrEqual(1_500);
    expect(run.status).toBe('failed');
    expect(run.reason).toMatch(/camera: /);
    expect(run.reason).toMatch(/DefenderIotMicroAgent: /);
  });
});
