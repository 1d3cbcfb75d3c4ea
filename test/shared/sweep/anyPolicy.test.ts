import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { ModuleSpec } from '../../../shared/policy/moduleSpec.ts';
import type { FakeModule } from '../../support/fakeHub.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { WorkerBench } from '../../support/workerBench.ts';

// A model of the policy, written again from its description: after one run the hub is as the model says, and a second run
// changes nothing.

const moduleIds = ['agent', 'updates', 'old'];
const desired = fc.constantFrom({ level: 'high' }, { level: 'low', nested: { a: 1, b: [1, 2] } }, { 'odd key?': true });
const tags = fc.constantFrom({ group: 'a' }, { group: 'b', site: 'cork' });
const twin = fc.record({ tags, desired }, { requiredKeys: [] });

const select = fc.record(
  {
    edge: fc.boolean(),
    deviceIds: fc.constantFrom(['line-*'], ['*-1', '*-3'], ['*']),
    tags: fc.constantFrom({ site: ['cork'] }, { floor: [1, 2] }),
    exemptTag: fc.constantFrom('exempt', 'keeper.out'),
  },
  { requiredKeys: ['edge'] },
);

const wantedTwin = fc.tuple(fc.constantFrom('seed', 'enforce'), tags, desired).map(([mode, someTags, someDesired]) => ({
  mode: mode as 'seed' | 'enforce',
  tags: someTags,
  desired: someDesired,
}));

const specOf = (moduleId: string) =>
  fc
    .record({
      ensure: fc.constantFrom('present', 'patched', 'absent'),
      twin: fc.oneof(fc.constant({ mode: 'off' as const }), wantedTwin),
      authentication: fc.constantFrom('inherit', 'sas', 'certificateAuthority'),
      select,
      connected: fc.constantFrom('leave', 'remove'),
    })
    .map(({ ensure, connected, ...more }): ModuleSpec => {
      const spec = { moduleId, ...more, stop: { maxFailurePercent: 100 } } as unknown as ModuleSpec;
      if (ensure === 'absent')
        return { ...spec, ensure, twin: { mode: 'off' }, removal: { dryRun: 'required', connected } as const };
      if (ensure === 'patched' && spec.twin.mode === 'off') return { ...spec, ensure: 'present' };
      return { ...spec, ensure } as unknown as ModuleSpec;
    });

const policies = fc.subarray(moduleIds, { minLength: 1 }).chain((ids) => fc.tuple(...ids.map(specOf)));

const anyModule = fc.record(
  { twin, isConnected: fc.boolean(), managedBy: fc.constant('IotEdge') },
  { requiredKeys: ['twin', 'isConnected'] },
);
const device = fc.record({
  name: fc.constantFrom('line-1', 'line-2', 'pump-1', 'pump-3'),
  status: fc.constantFrom('enabled', 'disabled'),
  authenticationType: fc.constantFrom('sas', 'selfSigned', 'certificateAuthority'),
  edge: fc.boolean(),
  tags: fc.constantFrom({}, { site: 'cork' }, { site: 'bonn', floor: 1 }, { exempt: true }, { keeper: { out: 'yes' } }),
  modules: fc.dictionary(fc.constantFrom(...moduleIds, 'theirs'), anyModule),
});
const fleets = fc.uniqueArray(device, { selector: ({ name }) => name, minLength: 1 });
type Device = typeof fleets extends fc.Arbitrary<(infer One)[]> ? One : never;

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

/** What a module should be after a run. */
type Expected = { twin: object; key: number | 'new' } | undefined;

function isSelected({ select: rule }: ModuleSpec, one: Device): boolean {
  if (one.edge && !rule.edge) return false;
  const globs: Record<string, RegExp> = { 'line-*': /^line-/, '*-1': /-1$/, '*-3': /-3$/, '*': /./ };
  if (rule.deviceIds && !rule.deviceIds.some((glob) => globs[glob]?.test(one.name))) return false;
  const site = (one.tags as { site?: string }).site;
  const floor = (one.tags as { floor?: number }).floor;
  if (rule.tags?.site && !rule.tags.site.includes(site ?? '')) return false;
  if (rule.tags?.floor && !rule.tags.floor.includes(floor ?? 0)) return false;
  if (rule.exemptTag === 'exempt' && 'exempt' in one.tags) return false;
  return !(rule.exemptTag === 'keeper.out' && 'keeper' in one.tags);
}

function expected(spec: ModuleSpec | undefined, one: Device, before: FakeModule | undefined, bySas: boolean): Expected {
  const same = before && { twin: before.twin ?? {}, key: before.key };
  if (!spec || !isSelected(spec, one)) return same;
  const isReachable = !(bySas && one.status === 'disabled');
  const { mode, ...content } = spec.twin;
  if (!before)
    return spec.ensure === 'present' && isReachable ? { twin: mode === 'off' ? {} : content, key: 'new' } : undefined;
  if (spec.ensure === 'absent') {
    const isLeft = before.managedBy !== undefined || (before.isConnected && spec.removal?.connected === 'leave');
    return isReachable && !isLeft ? undefined : same;
  }
  const found = before.twin ?? {};
  if (mode === 'enforce') return { twin: merged(found, content), key: before.key };
  if (mode === 'off') return same;
  const isUnwritten = Object.keys(found).length === 0;
  const lacksAll =
    !Object.keys(content.tags ?? {}).some((key) => key in (found.tags ?? {})) &&
    !Object.keys(content.desired ?? {}).some((key) => key in (found.desired ?? {}));
  const isSeeded = spec.ensure === 'present' ? isUnwritten : lacksAll;
  return isSeeded ? { twin: merged(found, content), key: before.key } : same;
}

function merged(before: object, patch: object): object {
  const after: Record<string, unknown> = { ...before };
  for (const [key, value] of Object.entries(patch)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const old = after[key];
    after[key] = isObject ? merged(typeof old === 'object' && old !== null ? old : {}, value) : value;
  }
  return after;
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
        const should: Record<string, Expected> = {};
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
      propertyRuns(1_000),
    );
  });
});

/** The remark of a run whose policy selects no device. */
function selectedNone({ counts }: { counts: { devices: number; selected: number } }): string | null {
  return counts.selected === 0 ? `The policy selects none of the ${counts.devices} devices.` : null;
}
