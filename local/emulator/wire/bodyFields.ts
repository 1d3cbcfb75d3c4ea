import { isDeviceId } from '../../../shared/deviceKey.ts';
import { isJsonObject, type JsonObject } from './jsonObject.ts';
import { argumentInvalid } from './refusals.ts';

/** `value` as a JSON object, or a 400. */
export function requireObject(value: unknown, what: string): JsonObject {
  if (!isJsonObject(value)) throw argumentInvalid(`${what} must be a JSON object`);
  return value;
}

/** Ids as paths and bodies carry them: 128 characters of the alphabet that Microsoft's identity registry page gives. */
export function requireId(value: unknown, what: string): string {
  if (!isDeviceId(value)) throw argumentInvalid(`${what} is not a legal id`);
  return value;
}

/** The body of a PUT must name the identity that the path names. */
export function requireSameId(body: JsonObject, field: string, id: string): void {
  if (body[field] !== id) throw argumentInvalid(`${field} in the body must be the one in the path`);
}

export function readOptionalString(value: unknown, what: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw argumentInvalid(`${what} must be a string or null`);
  return value;
}
