import { isJsonObject, type JsonObject } from '../wire/jsonObject.ts';
import { type Micros, timeText } from '../wire/timeText.ts';
import type { TwinRecord, TwinSection } from './twinRecord.ts';

/** What a request wants of a twin. Undefined leaves as is; `replace` drops what is not named. */
export interface TwinChange {
  tags?: JsonObject;
  desired?: JsonObject;
  replace: boolean;
}

/** The twin after `change`; `twin` itself stays as it was. */
export function changedTwin(twin: TwinRecord, change: TwinChange, atMicros: Micros): TwinRecord {
  const tags = changedTags(twin.tags, change);
  return {
    revision: twin.revision + 1,
    tags,
    desired: changedDesired(twin.desired, change, atMicros),
  };
}

/** The twin of an identity that is created with tags or desired properties: still in its first version. */
export function seededTwin(newborn: TwinRecord, change: TwinChange, atMicros: Micros): TwinRecord {
  const tags = changedTags(undefined, change);
  const desired = change.desired
    ? written(newborn.desired, change.desired, newborn.desired.version, atMicros)
    : newborn.desired;
  return { ...newborn, tags, desired };
}

function changedTags(tags: JsonObject | undefined, change: TwinChange): JsonObject | undefined {
  if (!change.tags) return change.replace ? undefined : tags;
  const merged = merge(change.replace ? {} : (tags ?? {}), change.tags);
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function changedDesired(section: TwinSection, change: TwinChange, atMicros: Micros): TwinSection {
  const names = Object.keys(change.desired ?? {});
  if (!change.replace && names.length === 0) return section;
  const base = change.replace ? { ...section, values: {}, metadata: {} } : section;
  return written(base, change.desired ?? {}, section.version + 1, atMicros);
}

function written(base: TwinSection, patch: JsonObject, version: number, atMicros: Micros): TwinSection {
  const stamp = { $lastUpdated: flat(timeText(atMicros)), $lastUpdatedVersion: version };
  return { version, values: merge(base.values, patch), metadata: mergeMetadata(base.metadata, patch, stamp) };
}

/** Objects are merged, null deletes, all else (arrays too) is replaced. */
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
 * A copy of `base` in which each member that `patch` names is dropped (null) or made by `make`. A name may be `__proto__`:
 * entries keep it a member like any other, in a plain object, which takes far less memory than one without prototype.
 */
function patched(base: JsonObject, patch: JsonObject, make: (value: unknown, before: unknown) => unknown): JsonObject {
  const members = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else members.set(name, make(value, members.get(name)));
  }
  return Object.fromEntries(members);
}

/** The same text without the pieces that it was put together from: a million twins keep one each. */
const flat = (text: string): string => Buffer.from(text, 'latin1').toString('latin1');
