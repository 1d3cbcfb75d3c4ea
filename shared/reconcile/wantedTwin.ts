import { isDeepStrictEqual } from 'node:util';
import { assertNever } from '../assertNever.ts';
import type { ModuleColumns, ModuleTwin, TwinContent } from '../hub/registry.ts';
import type { ModuleSpec, Policy, TwinObject } from '../policy/moduleSpec.ts';
import { reportsHealth } from '../policy/reportsHealth.ts';

/** What a spec wants in the twin of its module. */
export interface WantedTwin extends TwinContent {
  mode: 'seed' | 'enforce';
  /** Whether the spec creates the module (`present`); else others do (`patched`). */
  isOurs: boolean;
}

/** What the spec wants in the twin; undefined if nothing, so that no twin is read for it. */
export function wantedTwinOf({ ensure, twin: { mode, tags = {}, desired = {} } }: ModuleSpec): WantedTwin | undefined {
  if (mode === 'off' || ensure === 'absent') return undefined;
  const content = { ...section('tags', tags), ...section('desired', desired) };
  return Object.keys(content).length === 0 ? undefined : { mode, isOurs: ensure === 'present', ...content };
}

/** What must be read of module twins: the keys by which a needed write shows, and what agents report; undefined if nothing. */
export function columnsOf(policy: Policy): ModuleColumns | undefined {
  const wanted = policy.map(wantedTwinOf).filter((twin) => twin !== undefined);
  const report = policy.some(reportsHealth) ? { report: true } : {};
  if (wanted.length === 0 && !report.report) return undefined;
  const keys = (section: keyof TwinContent) => [
    ...new Set(wanted.flatMap(({ [section]: part = {} }) => Object.keys(part))),
  ];
  return { tags: keys('tags'), desired: keys('desired'), ...report };
}

/** Whether a module of which only the wanted keys are known may need a write; `patchFor` decides with the whole twin. */
export function mayNeedWrite(wanted: WantedTwin, found: TwinContent): boolean {
  switch (wanted.mode) {
    case 'seed':
      return hasNoneOf(wanted, found);
    case 'enforce':
      return missingFrom(wanted, found) !== undefined;
    default:
      return assertNever(wanted.mode);
  }
}

/**
 * What must be written into a twin so that it is as wanted, and no more: each write makes an agent restart its collectors.
 * Undefined if nothing. A seed is written into a twin that has none of its keys; if the module is ours, only if no client has
 * written the twin yet, as after a device's identity service has created the module anew.
 */
export function patchFor(wanted: WantedTwin, twin: ModuleTwin): TwinContent | undefined {
  if (wanted.mode === 'enforce') return missingFrom(wanted, twin);
  const isNew = wanted.isOurs ? isUnwritten(twin) : hasNoneOf(wanted, twin);
  return isNew ? missingFrom(wanted, twin) : undefined;
}

function isUnwritten({ tags, desired, desiredVersion }: ModuleTwin): boolean {
  return Object.keys(tags).length + Object.keys(desired).length === 0 && (desiredVersion ?? 1) <= 1;
}

function hasNoneOf(wanted: TwinContent, { tags = {}, desired = {} }: TwinContent): boolean {
  const isNoneIn = (part: TwinObject = {}, found: TwinObject) =>
    Object.keys(part).every((key) => !Object.hasOwn(found, key));
  return isNoneIn(wanted.tags, tags) && isNoneIn(wanted.desired, desired);
}

function missingFrom(wanted: TwinContent, { tags, desired }: TwinContent): TwinContent | undefined {
  const patch = {
    ...section('tags', differences(wanted.tags ?? {}, tags ?? {})),
    ...section('desired', differences(wanted.desired ?? {}, desired ?? {})),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function section(name: keyof TwinContent, part: TwinObject): TwinContent {
  return Object.keys(part).length === 0 ? {} : { [name]: part };
}

/** The members of `wanted` that `found` lacks or has with another value. The hub merges objects, so they are compared by member; it
 * replaces arrays. */
function differences(wanted: TwinObject, found: TwinObject): TwinObject {
  const different: TwinObject = {};
  for (const [key, value] of Object.entries(wanted)) {
    const before = Object.hasOwn(found, key) ? found[key] : undefined;
    if (isObject(value) && isObject(before)) {
      const inner = differences(value, before);
      if (Object.keys(inner).length > 0) different[key] = inner;
    } else if (!isDeepStrictEqual(value, before)) different[key] = value;
  }
  return different;
}

function isObject(value: unknown): value is TwinObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
