import type { JsonObject } from '../wire/jsonObject.ts';
import { type Micros, never, timeText } from '../wire/timeText.ts';

/** A desired or reported section: values and the metadata that mirrors them. Never changed in place. */
export interface TwinSection {
  readonly version: number;
  readonly values: JsonObject;
  readonly metadata: JsonObject;
}

/**
 * The part of a twin that a back end writes; for reported properties see `DeviceSide`. The etag is made of `revision`.
 * `version` in JSON is `revision` + 1 for a new twin, as recorded, and grows with each report of the device.
 */
export interface TwinRecord {
  readonly revision: number;
  readonly tags: JsonObject | undefined;
  readonly desired: TwinSection;
}

/**
 * How an identity was created; the metadata of its initial twin depends on it (recorded by azure-sdk-for-net in 2020).
 */
export type CreationKind = 'device' | 'moduleSingly' | 'moduleInBulk';

/** The twin of an identity before the first write. */
export const initialTwin = (kind: CreationKind, createdMicros: Micros): TwinRecord => ({
  revision: 1,
  tags: undefined,
  desired: initialSection(kind, createdMicros),
});

/** The desired or the reported section of an initial twin; they are equal. */
export function initialSection(kind: CreationKind, createdMicros: Micros): TwinSection {
  const metadata: JsonObject = { $lastUpdated: timeText(kind === 'moduleSingly' ? never : createdMicros) };
  if (kind === 'moduleInBulk') metadata.$lastUpdatedVersion = 1;
  return { version: 1, values: {}, metadata };
}

/** The etag of a twin: an 8-byte big-endian counter in base64. */
export function twinEtag(revision: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(revision));
  return bytes.toString('base64');
}

/** A section in the service's order: values, then `$metadata`, then `$version`. */
export function sectionJson(section: TwinSection): JsonObject {
  return { ...section.values, $metadata: section.metadata, $version: section.version };
}
