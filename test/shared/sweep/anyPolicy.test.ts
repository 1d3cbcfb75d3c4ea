import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ModuleSpec } from '../../../shared/policy/moduleSpec.ts';
import type { FakeModule } from '../../support/fakeHub.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { type Device, type Expected, expected, fleets, moduleIds, policies, selectedNone } from './policyModel.ts';

// After one run the hub is as the model says, and a second run changes nothing.

function benchWith(policy: ModuleSpec[], fleet: Device[], bySas: boolean): WorkerBench {
  const bench = new WorkerBench();
  bench.policy = policy;
  bench.hub.reachesDisabledDevices = !bySas;
  for (const { name, modules, ...info } of fleet) {
    bench.hub.addDevice(name, info as object);
    for (const [moduleId, made] of Object.entries(modules)) {
      const written = Object.keys(made.twin).length > 0;
      bench.hub.addModule(name, moduleId, {
        ...made,
        twin: made.twin,
        twinEtag: written ? 2 : 1,
      } as Partial<FakeModule>);
    }
  }
  return bench;
}

function stateOf({ hub }: WorkerBench) {
  const state: Record<string, { twin: object; key: number }> = {};
  for (const [deviceId, modules] of hub.modules)
    for (const [moduleId, made] of modules) state[`${deviceId}/${moduleId}`] = { twin: made.twin ?? {}, key: made.key };
  return state;
}

async function runOnce(bench: WorkerBench, dryRun: boolean) {
  const { runId } = await bench.start(dryRun);
  await bench.slices();
  return bench.run(runId);
}

const changes = ['created', 'updated', 'removed'] as const;
const isChange = (operation: string) => /^(create|write|remove)/.test(operation);

describe('any policy on any fleet', () => {
  test('one run makes the hub as the policy says, as its dry run said; a second one changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(policies, fleets, fc.boolean(), async (policy, fleet, bySas) => {
        const bench = benchWith(policy, fleet, bySas);
        const before = new Map([...bench.hub.modules].map(([id, modules]) => [id, new Map(modules)] as const));
        const should: Record<string, Expected<number>> = {};
        for (const one of fleet) {
          for (const moduleId of [...moduleIds, 'theirs']) {
            const spec = policy.find((some) => some.moduleId === moduleId);
            const state = expected(spec, one, before.get(one.name)?.get(moduleId), bySas);
            if (state) should[`${one.name}/${moduleId}`] = state;
          }
        }
        const untouched = stateOf(bench);
        const dry = await runOnce(bench, true);
        expect(stateOf(bench)).toEqual(untouched);
        expect(bench.hub.calls.filter(({ operation }) => isChange(operation))).toEqual([]);
        const real = await runOnce(bench, false);
        for (const run of [dry, real]) expect([run.status, run.reason]).toEqual(['done', selectedNone(run)]);
        const isNew = (path: string) => should[path]?.key === 'new';
        const after = Object.entries(stateOf(bench)).map(([path, { twin: content, key }]) => [
          path,
          { twin: content, key: isNew(path) ? 'new' : key },
        ]);
        expect(Object.fromEntries(after)).toEqual(should);
        expect(real.counts).toEqual(dry.counts);
        bench.hub.calls.length = 0;
        const again = await runOnce(bench, false);
        expect(again.status).toBe('done');
        expect(changes.map((name) => again.counts[name])).toEqual([0, 0, 0]);
        expect(bench.hub.calls.filter(({ operation }) => isChange(operation))).toEqual([]);
      }),
      propertyRuns(300),
    );
  });
});
