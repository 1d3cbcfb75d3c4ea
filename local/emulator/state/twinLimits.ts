import { isJsonObject, type JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid } from '../wire/refusals.ts';
import type { TwinRecord } from './twinRecord.ts';

// Microsoft's page on device twins, "Device twin size": tags 8 KB, desired and reported 32 KB each, without the read-only parts.
const maxTagsBytes = 8 * 1024;
const maxDesiredBytes = 32 * 1024;
const maxReportedBytes = 32 * 1024;
const numberBytes = 8;
const booleanBytes = 4;

/** Throws a 400 refusal if the reported properties are larger than a hub accepts. */
export function requireReportFits(reported: JsonObject): void {
  requireFits(reported, 'properties.reported', maxReportedBytes);
}

/** Throws a 400 refusal if a section of the twin is larger than a hub accepts. */
export function requireTwinFits(twin: TwinRecord): void {
  requireFits(twin.tags ?? {}, 'tags', maxTagsBytes);
  requireFits(twin.desired.values, 'properties.desired', maxDesiredBytes);
}

function requireFits(section: JsonObject, what: string, maxBytes: number): void {
  const bytes = twinBytes(section);
  if (bytes > maxBytes) throw argumentInvalid(`${what} would be ${bytes} bytes; ${maxBytes} is the most`);
}

/**
 * The size of a twin's section as Microsoft's page defines it: names and strings in UTF-8 without control characters, 8
 * bytes for a number, 4 for a boolean. The page does not mention null (0 here) and arrays (the sum of their items
 * here).
 */
export function twinBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number') return numberBytes;
  if (typeof value === 'boolean') return booleanBytes;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + twinBytes(item), 0);
  if (!isJsonObject(value)) return 0;
  return Object.entries(value).reduce((sum, [name, child]) => sum + textBytes(name) + twinBytes(child), 0);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters do not count
const textBytes = (text: string): number => Buffer.byteLength(text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''));
