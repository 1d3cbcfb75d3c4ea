import * as fc from 'fast-check';
import type { TwinContent } from '../../../shared/hub/registry.ts';
import type { ModuleSpec } from '../../../shared/policy/moduleSpec.ts';

// Random policies and fleets, and a model of the policy, written again from its description.

/** The modules that a policy may name. */
export const moduleIds = ['agent', 'updates', 'old'];
const desired = fc.constantFrom({ level: 'high' }, { level: 'low', nested: { a: 1, b: [1, 2] } }, { 'odd-key?': true });
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

/** One to three specs. */
export const policies = fc.subarray(moduleIds, { minLength: 1 }).chain((ids) => fc.tuple(...ids.map(specOf)));

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
/** One to four devices, with modules of policies and of others. */
export const fleets = fc.uniqueArray(device, { selector: ({ name }) => name, minLength: 1 });
export type Device = typeof fleets extends fc.Arbitrary<(infer One)[]> ? One : never;

/** What a module should be after a run. */
export type Expected<Key> = { twin: object; key: Key | 'new' } | undefined;

/** A module before the run; `Key` shows which keys it has. */
interface Before<Key> {
  twin?: TwinContent | undefined;
  key: Key;
  managedBy?: string;
  isConnected?: boolean;
}

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

/** `bySas`: a hub with a SAS key, at which the app cannot change the modules of a disabled device. */
export function expected<Key>(
  spec: ModuleSpec | undefined,
  one: Device,
  before: Before<Key> | undefined,
  bySas: boolean,
): Expected<Key> {
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

/** The remark of a run whose policy selects no device. */
export function selectedNone({ counts }: { counts: { devices: number; selected: number } }): string | null {
  return counts.selected === 0 ? `The policy selects none of the ${counts.devices} devices.` : null;
}
