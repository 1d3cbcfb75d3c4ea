import type { JsonObject } from '../wire/jsonObject.ts';
import { type Micros, never, timeText } from '../wire/timeText.ts';

/** A desired or reported section: values and the metadata that mirrors them. Both are never changed in place. */
export interface TwinSection {
  readonly version: number;
  readonly values: JsonObject;
  readonly metadata: JsonObject;
}

/**
 * A twin that differs from a new one. There is no device side, so what is reported stays as it was born and is not kept.
 * `revision` makes its etag; `version` on the wire is one more, as recorded.
 */
export interface TwinRecord {
  readonly revision: number;
  readonly tags: JsonObject | undefined;
  readonly desired: TwinSection;
}

/** How a twin is born differs in one detail of its metadata (recorded by azure-sdk-for-net in 2020). */
export type Birth = 'device' | 'moduleSingly' | 'moduleInBulk';

/** The twin of an identity that nobody has written to. */
export const newbornTwin = (birth: Birth, createdMicros: Micros): TwinRecord => ({
  revision: 1,
  tags: undefined,
  desired: newbornSection(birth, createdMicros),
});

/** Its desired section, and its reported one. */
export function newbornSection(birth: Birth, createdMicros: Micros): TwinSection {
  const metadata: JsonObject = { $lastUpdated: timeText(birth === 'moduleSingly' ? never : createdMicros) };
  if (birth === 'moduleInBulk') metadata.$lastUpdatedVersion = 1;
  return { version: 1, values: {}, metadata };
}

/** The etag of a twin: base64 of an 8-byte big-endian counter. */
export function twinEtag(revision: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(revision));
  return bytes.toString('base64');
}

/** Values, then `$metadata`, then `$version`: the order on the wire. */
export function sectionJson(section: TwinSection): JsonObject {
  return { ...section.values, $metadata: section.metadata, $version: section.version };
}
