import type { PostClient } from './postClient.ts';

/** Where bulk calls go. */
export interface BulkTarget {
  client: PostClient;
  path: string;
}

/** Microsoft's swagger of the service API: at most 100 identities in a bulk call. */
const identitiesPerCall = 100;

/** The nth device id: 36 characters, the length of a GUID. */
export const deviceIdAt = (index: number): string => `fleet-device-0000-${String(index).padStart(18, '0')}`;

/** Which identities to create. */
export interface BulkRange {
  from: number;
  to: number;
  /** Creates this module on each device; without it, the devices. */
  moduleId?: string;
  /** More members of each entry, as JSON text: `"tags":{"site":"cork"}`. */
  more?: string;
}

/**
 * Creates identities in bulk calls of 100, `inFlight` concurrently. Resolves with identities per second. Rejects if a
 * call does not return 200.
 */
export async function bulkLoad(target: BulkTarget, range: BulkRange, inFlight: number): Promise<number> {
  const startMs = performance.now();
  let next = range.from;
  const worker = async (): Promise<void> => {
    while (next < range.to) {
      const from = next;
      next = Math.min(range.to, from + identitiesPerCall);
      const { status, body } = await target.client.post(target.path, bulkBody({ ...range, from, to: next }));
      if (status !== 200) throw new Error(`A bulk call returned ${status}: ${body.subarray(0, 300).toString()}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (range.to - range.from) / ((performance.now() - startMs) / 1000);
}

function bulkBody({ from, to, moduleId, more }: BulkRange): Buffer {
  const members = `${moduleId === undefined ? '' : `"moduleId":"${moduleId}",`}${more === undefined ? '' : `${more},`}`;
  const entries: string[] = [];
  for (let index = from; index < to; index += 1)
    entries.push(`{"id":"${deviceIdAt(index)}",${members}"importMode":"create"}`);
  return Buffer.from(`[${entries.join(',')}]`);
}
