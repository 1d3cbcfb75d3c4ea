import type { Documents, PartedTexts } from './documents.ts';
import type { PendingDevices, WakeUps } from './queues.ts';
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
export async function retryOnOutage<T>(work: () => Promise<T>, wait: OutageWait): Promise<T> {
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
export function retryingDocuments(documents: Documents & PartedTexts, wait: OutageWait): Documents & PartedTexts {
  const retrying = <T>(work: () => Promise<T>) => retryOnOutage(work, wait);
  return {
    read: <T>(path: string) => retrying(() => documents.read<T>(path)),
    readEtag: (path) => retrying(() => documents.readEtag(path)),
    write: (path, value, etag) => retrying(() => documents.write(path, value, etag)),
    list: (prefix) => retrying(() => documents.list(prefix)),
    remove: (path) => retrying(() => documents.remove(path)),
    writePart: (path, part, text) => retrying(() => documents.writePart(path, part, text)),
    readText: (path) => retrying(() => documents.readText(path)),
  };
}

/** The same queues, for a caller who waits out an outage. Messages that were taken without an answer come again. */
export function retryingPending(pending: PendingDevices, wait: OutageWait): PendingDevices {
  const retrying = <T>(work: () => Promise<T>) => retryOnOutage(work, wait);
  return {
    add: (hub, device, delayMs) => retrying(() => pending.add(hub, device, delayMs)),
    take: (hub, max, hiddenMs) => retrying(() => pending.take(hub, max, hiddenMs)),
    remove: (hub, message) => retrying(() => pending.remove(hub, message)),
    putBack: (hub, message, device, delayMs) => retrying(() => pending.putBack(hub, message, device, delayMs)),
    hasVisible: (hub) => retrying(() => pending.hasVisible(hub)),
    approximateCount: (hub) => retrying(() => pending.approximateCount(hub)),
  };
}

/** The same wakeUps, for a caller who waits out an outage. */
export function retryingWakeUps(wakeUps: WakeUps, wait: OutageWait): WakeUps {
  return { send: (hub, delayMs) => retryOnOutage(() => wakeUps.send(hub, delayMs), wait) };
}
