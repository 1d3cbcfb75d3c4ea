import type { TwinChange } from '../state/twinChange.ts';
import { requireObject } from '../wire/bodyFields.ts';
import { isJsonObject, type JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid } from '../wire/refusals.ts';

// Microsoft's pages on IoT Hub quotas and on device twins: values of 4 KB, names of 1 KB, 10 levels, integers of 53
// bits. The size of a whole section is checked later, when the changed twin is known.
const maxValueBytes = 4 * 1024;
const maxNameBytes = 1024;
const maxDepth = 10;
const minInteger = -4_503_599_627_370_496;
const maxInteger = 4_503_599_627_370_495;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the hub refuses control characters
const forbiddenInName = /[\u0000-\u001f\u007f-\u009f.$# ]/;

/**
 * Reads the twin change of a PATCH, a PUT or a bulk entry. `"tags":null` and `"desired":null` empty the section, as the
 * end-to-end tests of azure-iot-sdk-node show for PATCH; that `"properties":null` does the same is unproven. Ignores
 * read-only members that clients send back. Throws a 400 refusal if the change is invalid.
 */
export function readTwinChange(body: JsonObject, replace: boolean): TwinChange {
  const properties = optionalObject(body.properties, 'properties');
  const desired = properties && optionalObject(properties.desired, 'properties.desired');
  const tags = optionalObject(body.tags, 'tags');
  return {
    replace,
    ...(tags === undefined ? {} : { tags: tags && checked(tags, 'tags') }),
    ...(desired === undefined ? {} : { desired: desired && checked(withoutReadOnly(desired), 'properties.desired') }),
  };
}

/** Checks the reported properties that a device sends. Throws a 400 refusal if they are invalid. */
export const readReported = (value: unknown): JsonObject =>
  checked(requireObject(value, 'reported'), 'properties.reported');

const optionalObject = (value: unknown, what: string): JsonObject | null | undefined =>
  value === undefined || value === null ? value : requireObject(value, what);

/** Clients send `$metadata` and `$version` back with what they read before. */
function withoutReadOnly(desired: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(desired).filter(([name]) => name !== '$metadata' && name !== '$version'));
}

function checked(value: JsonObject, what: string): JsonObject {
  checkLevel(value, what, 1);
  return value;
}

function checkLevel(value: unknown, what: string, depth: number): void {
  if (depth > maxDepth + 1) throw argumentInvalid(`${what} is deeper than ${maxDepth} levels`);
  if (typeof value === 'string' && Buffer.byteLength(value) > maxValueBytes) {
    throw argumentInvalid(`A value in ${what} is larger than ${maxValueBytes} bytes`);
  }
  if (Number.isInteger(value) && (Number(value) < minInteger || Number(value) > maxInteger)) {
    throw argumentInvalid(`A whole number in ${what} is not between ${minInteger} and ${maxInteger}`);
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
