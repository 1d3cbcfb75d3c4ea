import type { Documents, PartedTexts } from './documents.ts';
import type { PendingDevices, Rings } from './queues.ts';
import { isStorageOutage } from './storageStatus.ts';

/** Waits before another try of a call that failed by `error`, counted from 0; rejects to give up. */
export type OutageWait = (attempt: number, error: unknown) => Promise<void>;

const firstDelayMs = 500;
const longestDelayMs = 5_000;

/** Long enough that storage coming back is not met by everybody at once, short enough that it is seen soon. */
export function outageDelayMs(attempt: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** attempt);
}

/**
 * What `work` comes to; as long as it fails because storage is out of reach it is tried again after `wait`. The storage
 * SDK's own tries, within a second, are for a lost packet; this is for whoever has nothing better to do than to wait.
 */
export async function waitOutOutage<T>(work: () => Promise<T>, wait: OutageWait): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isStorageOutage(error)) throw error;
      await wait(attempt, error);
    }
  }
}

/**
 * The same documents, for a caller who waits out an outage. A write whose answer was lost may be tried again on top of
 * itself, and then throws `StaleDocumentError`, as the storage SDK's own tries do.
 */
export function patientDocuments(documents: Documents & PartedTexts, wait: OutageWait): Documents & PartedTexts {
  const patiently = <T>(work: () => Promise<T>) => waitOutOutage(work, wait);
  return {
    read: <T>(path: string) => patiently(() => documents.read<T>(path)),
    readEtag: (path) => patiently(() => documents.readEtag(path)),
    write: (path, value, etag) => patiently(() => documents.write(path, value, etag)),
    list: (prefix) => patiently(() => documents.list(prefix)),
    remove: (path) => patiently(() => documents.remove(path)),
    writePart: (path, part, text) => patiently(() => documents.writePart(path, part, text)),
    readText: (path) => patiently(() => documents.readText(path)),
  };
}

/** The same queues, for a caller who waits out an outage. Messages that were taken without an answer come again. */
export function patientPending(pending: PendingDevices, wait: OutageWait): PendingDevices {
  const patiently = <T>(work: () => Promise<T>) => waitOutOutage(work, wait);
  return {
    add: (hub, device, delayMs) => patiently(() => pending.add(hub, device, delayMs)),
    take: (hub, max, hiddenMs) => patiently(() => pending.take(hub, max, hiddenMs)),
    remove: (hub, message) => patiently(() => pending.remove(hub, message)),
    putBack: (hub, message, device, delayMs) => patiently(() => pending.putBack(hub, message, device, delayMs)),
    hasVisible: (hub) => patiently(() => pending.hasVisible(hub)),
    approximateCount: (hub) => patiently(() => pending.approximateCount(hub)),
  };
}

/** The same rings, for a caller who waits out an outage. */
export function patientRings(rings: Rings, wait: OutageWait): Rings {
  return { ring: (hub, delayMs) => waitOutOutage(() => rings.ring(hub, delayMs), wait) };
}
