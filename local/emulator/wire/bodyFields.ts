import { isDeviceId } from '../../../shared/deviceKey.ts';
import { isJsonObject, type JsonObject } from './jsonObject.ts';
import { argumentInvalid } from './refusals.ts';

/** Returns `value` if it is a JSON object. Throws a 400 refusal that names `what` if not. */
export function requireObject(value: unknown, what: string): JsonObject {
  if (!isJsonObject(value)) throw argumentInvalid(`${what} must be a JSON object`);
  return value;
}

/** Returns `value` if it is a valid device or module id. Throws a 400 refusal that names `what` if not. */
export function requireId(value: unknown, what: string): string {
  if (!isDeviceId(value)) throw argumentInvalid(`${what} is not a valid id`);
  return value;
}

/** Throws a 400 refusal unless `field` of a PUT's body is the id in the path. */
export function requireSameId(body: JsonObject, field: string, id: string): void {
  if (body[field] !== id) throw argumentInvalid(`${field} in the body must be the one in the path`);
}

/** A string, or null if the member is missing or null. Throws a 400 refusal for any other type. */
export function readOptionalString(value: unknown, what: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw argumentInvalid(`${what} must be a string or null`);
  return value;
}
