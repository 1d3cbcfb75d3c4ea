import type { PostClient } from './postClient.ts';

/** Where bulk calls go, and what a good answer is. */
export interface BulkTarget {
  client: PostClient;
  path: string;
}

/** Microsoft's swagger of the service API: at most 100 identities a bulk call. */
const identitiesPerCall = 100;

/** The nth device id: 36 characters, as long as the GUIDs that many fleets use. */
export const deviceIdAt = (index: number): string => `fleet-device-0000-${String(index).padStart(18, '0')}`;

/**
 * Makes the identities `from` to `to` in bulk calls of 100, `inFlight` at a time: devices, or one module on each device.
 * Resolves to identities per second. Rejects on any answer but 200.
 */
export async function bulkLoad(
  target: BulkTarget,
  range: { from: number; to: number; moduleId?: string },
  inFlight: number,
): Promise<number> {
  const startMs = performance.now();
  let next = range.from;
  const worker = async (): Promise<void> => {
    while (next < range.to) {
      const from = next;
      next = Math.min(range.to, from + identitiesPerCall);
      const { status, body } = await target.client.post(target.path, bulkBody(from, next, range.moduleId));
      if (status !== 200) throw new Error(`A bulk call was answered ${status}: ${body.subarray(0, 300).toString()}`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (range.to - range.from) / ((performance.now() - startMs) / 1000);
}

function bulkBody(from: number, to: number, moduleId: string | undefined): Buffer {
  const module = moduleId === undefined ? '' : `"moduleId":"${moduleId}",`;
  const entries: string[] = [];
  for (let index = from; index < to; index += 1)
    entries.push(`{"id":"${deviceIdAt(index)}",${module}"importMode":"create"}`);
  return Buffer.from(`[${entries.join(',')}]`);
}
