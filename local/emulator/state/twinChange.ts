import { isJsonObject, type JsonObject } from '../wire/jsonObject.ts';
import { type Micros, timeText } from '../wire/timeText.ts';
import type { TwinRecord, TwinSection } from './twinRecord.ts';

/**
 * A change of a twin. Undefined sections stay, null empties a section; `replace` removes members that the change does not
 * name.
 */
export interface TwinChange {
  tags?: JsonObject | null;
  desired?: JsonObject | null;
  replace: boolean;
}

/** Returns the twin after `change`; does not modify `twin`. */
export function changedTwin(twin: TwinRecord, change: TwinChange, atMicros: Micros): TwinRecord {
  const tags = changedTags(twin.tags, change);
  return {
    revision: twin.revision + 1,
    tags,
    desired: changedDesired(twin.desired, change, atMicros),
  };
}

/** The twin of an identity that is created with tags or desired properties; still in its first version. */
export function twinWithData(initial: TwinRecord, change: TwinChange, atMicros: Micros): TwinRecord {
  const tags = changedTags(undefined, change);
  const desired = change.desired
    ? written(initial.desired, change.desired, initial.desired.version, atMicros)
    : initial.desired;
  return { ...initial, tags, desired };
}

/** The reported section after the device has reported `patch`. */
export function reportedAfter(section: TwinSection, patch: JsonObject, atMicros: Micros): TwinSection {
  return written(section, patch, section.version + 1, atMicros);
}

function changedTags(tags: JsonObject | undefined, change: TwinChange): JsonObject | undefined {
  if (change.tags === null) return undefined;
  if (!change.tags) return change.replace ? undefined : tags;
  const merged = merge(change.replace ? {} : (tags ?? {}), change.tags);
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function changedDesired(section: TwinSection, change: TwinChange, atMicros: Micros): TwinSection {
  const isEmptied = change.replace || change.desired === null;
  if (!isEmptied && Object.keys(change.desired ?? {}).length === 0) return section;
  const base = isEmptied ? { ...section, values: {}, metadata: {} } : section;
  return written(base, change.desired ?? {}, section.version + 1, atMicros);
}

function written(base: TwinSection, patch: JsonObject, version: number, atMicros: Micros): TwinSection {
  const stamp = { $lastUpdated: flat(timeText(atMicros)), $lastUpdatedVersion: version };
  return { version, values: merge(base.values, patch), metadata: mergeMetadata(base.metadata, patch, stamp) };
}

/** Merges objects; null deletes; everything else, also an array, is replaced. */
function merge(base: JsonObject, patch: JsonObject): JsonObject {
  return patched(base, patch, (value, before) =>
    isJsonObject(value) ? merge(isJsonObject(before) ? before : {}, value) : value,
  );
}

function mergeMetadata(base: JsonObject, patch: JsonObject, stamp: JsonObject): JsonObject {
  const { $lastUpdated: _time, $lastUpdatedVersion: _version, ...children } = base;
  return patched({ ...stamp, ...children }, patch, (value, before) =>
    isJsonObject(value) ? mergeMetadata(isJsonObject(before) ? before : {}, value, stamp) : stamp,
  );
}

/**
 * A copy of `base` in which each member of `patch` is deleted (null) or set to the result of `make`.
 * `Object.fromEntries` also handles a member `__proto__`, and plain objects need far less memory than objects without
 * prototype.
 */
function patched(base: JsonObject, patch: JsonObject, make: (value: unknown, before: unknown) => unknown): JsonObject {
  const members = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, make(value, members.get(name)));
  }
  return Object.fromEntries(members);
}

/** A flat copy of a concatenated string: V8 would keep its parts, and a million twins store one each. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
