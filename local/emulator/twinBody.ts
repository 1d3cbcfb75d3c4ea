import { argumentInvalid } from './hubRefusals.ts';
import { requireObject } from './identityBody.ts';
import type { TwinChange } from './state/twinChange.ts';
import { isJsonObject, type JsonObject } from './state/twinRecord.ts';

// Microsoft's page on IoT Hub quotas and on device twins: tags 8 KB, desired 32 KB, a value 4 KB, a name 1 KB, 10 levels.
const maxTagsBytes = 8 * 1024;
const maxDesiredBytes = 32 * 1024;
const maxValueBytes = 4 * 1024;
const maxNameBytes = 1024;
const maxDepth = 10;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the hub refuses
const forbiddenInName = /[\u0000-\u001f\u007f-\u009f.$# ]/;

/** What a twin's PATCH, PUT or bulk entry asks for. Read-only parts that clients echo are ignored. */
export function readTwinChange(body: JsonObject, replace: boolean): TwinChange {
  const properties = optionalObject(body.properties, 'properties');
  const desired = optionalObject(properties?.desired, 'properties.desired');
  const tags = optionalObject(body.tags, 'tags');
  return {
    replace,
    ...(tags ? { tags: checked(tags, 'tags', maxTagsBytes) } : {}),
    ...(desired ? { desired: checked(withoutReadOnly(desired), 'properties.desired', maxDesiredBytes) } : {}),
  };
}

function optionalObject(value: unknown, what: string): JsonObject | undefined {
  return value === undefined || value === null ? undefined : requireObject(value, what);
}

/** `$metadata` and `$version` come back with what clients read before. */
function withoutReadOnly(desired: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(desired).filter(([name]) => name !== '$metadata' && name !== '$version'));
}

function checked(value: JsonObject, what: string, maxBytes: number): JsonObject {
  checkLevel(value, what, 1);
  if (Buffer.byteLength(JSON.stringify(value)) > maxBytes)
    throw argumentInvalid(`${what} is larger than ${maxBytes} bytes`);
  return value;
}

function checkLevel(value: unknown, what: string, depth: number): void {
  if (depth > maxDepth + 1) throw argumentInvalid(`${what} is deeper than ${maxDepth} levels`);
  if (typeof value === 'string' && Buffer.byteLength(value) > maxValueBytes) {
    throw argumentInvalid(`A value in ${what} is larger than ${maxValueBytes} bytes`);
  }
  if (Array.isArray(value)) for (const item of value) checkLevel(item, what, depth + 1);
  if (!isJsonObject(value)) return;
  for (const [name, child] of Object.entries(value)) {
    if (name === '' || Buffer.byteLength(name) > maxNameBytes || forbiddenInName.test(name)) {
      throw argumentInvalid(`A name in ${what} is too long or holds a control character, '.', '$', '#' or a space`);
    }
    checkLevel(child, what, depth + 1);
  }
}
