import { type Micros, timeText } from '../hubTime.ts';
import { isJsonObject, type JsonObject, type TwinRecord, type TwinSection } from './twinRecord.ts';

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
    reported: twin.reported,
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
  const stamp = { $lastUpdated: timeText(atMicros), $lastUpdatedVersion: version };
  return { version, values: merge(base.values, patch), metadata: mergeMetadata(base.metadata, patch, stamp) };
}

/** Objects are merged, null deletes, all else (arrays too) is replaced. Without prototypes: a name may be `__proto__`. */
function merge(base: JsonObject, patch: JsonObject): JsonObject {
  const result = bare(base);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (isJsonObject(value)) result[name] = merge(isJsonObject(result[name]) ? result[name] : {}, value);
    else result[name] = value;
  }
  return result;
}

function mergeMetadata(base: JsonObject, patch: JsonObject, stamp: JsonObject): JsonObject {
  const { $lastUpdated: _time, $lastUpdatedVersion: _version, ...children } = base;
  const result = Object.assign(bare({}), stamp, children);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (isJsonObject(value))
      result[name] = mergeMetadata(isJsonObject(result[name]) ? result[name] : {}, value, stamp);
    else result[name] = stamp;
  }
  return result;
}

function bare(source: JsonObject): JsonObject {
  const result: JsonObject = Object.create(null);
  for (const [name, value] of Object.entries(source)) result[name] = value;
  return result;
}
