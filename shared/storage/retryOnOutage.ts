import type { Documents, PartedTexts } from './documents.ts';
import type { PendingDevices, WakeUps } from './queues.ts';
import { isStorageOutage } from './storageStatus.ts';

/** Waits before the next try of a call that failed with `error`; rejects to give up. `attempt` counts from 0. */
export type OutageWait = (attempt: number, error: unknown) => Promise<void>;

const firstDelayMs = 500;
const longestDelayMs = 5_000;

/** Delay before the next try, 0.5 s to 5 s: does not overload storage when it recovers, and notices the recovery soon. */
export function outageDelayMs(attempt: number): number {
  return Math.min(longestDelayMs, firstDelayMs * 2 ** attempt);
}

/**
 * Returns the result of `call`. If the error is an outage of storage, awaits `wait` and calls again; throws any other error. The
 * storage SDK itself tries three times (`storageClients.ts`); this is for callers that can wait longer.
 */
export async function retryOnOutage<T>(call: () => Promise<T>, wait: OutageWait): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (!isStorageOutage(error)) throw error;
      await wait(attempt, error);
    }
  }
}

/**
 * Returns documents that retry during an outage. If the response of a write was lost, the retry conflicts with the first try and
 * throws `StaleDocumentError`; a retry of the storage SDK does the same.
 */
export function retryingDocuments(documents: Documents & PartedTexts, wait: OutageWait): Documents & PartedTexts {
  const retrying = <T>(call: () => Promise<T>) => retryOnOutage(call, wait);
  return {
    read: <T>(path: string) => retrying(() => documents.read<T>(path)),
    readEtag: (path) => retrying(() => documents.readEtag(path)),
    write: (path, value, etag) => retrying(() => documents.write(path, value, etag)),
    list: (prefix) => retrying(() => documents.list(prefix)),
    remove: (path) => retrying(() => documents.remove(path)),
    writePart: (path, part, text) => retrying(() => documents.writePart(path, part, text)),
    addPart: (path, part, text) => retrying(() => documents.addPart(path, part, text)),
    readPart: (path, part) => retrying(() => documents.readPart(path, part)),
    readText: (path) => retrying(() => documents.readText(path)),
  };
}

/** Returns queues that retry during an outage. If the response of `take` was lost, its messages become visible again later. */
export function retryingPending(pending: PendingDevices, wait: OutageWait): PendingDevices {
  const retrying = <T>(call: () => Promise<T>) => retryOnOutage(call, wait);
  return {
    add: (hub, device, delayMs) => retrying(() => pending.add(hub, device, delayMs)),
    take: (hub, max, hiddenMs) => retrying(() => pending.take(hub, max, hiddenMs)),
    remove: (hub, message) => retrying(() => pending.remove(hub, message)),
    putBack: (hub, message, device, delayMs) => retrying(() => pending.putBack(hub, message, device, delayMs)),
    keepHidden: (hub, message, hiddenMs) => retrying(() => pending.keepHidden(hub, message, hiddenMs)),
    hasVisible: (hub) => retrying(() => pending.hasVisible(hub)),
    approximateCount: (hub) => retrying(() => pending.approximateCount(hub)),
  };
}

/** Returns wake-ups that retry during an outage. */
export function retryingWakeUps(wakeUps: WakeUps, wait: OutageWait): WakeUps {
  return { send: (hub, delayMs) => retryOnOutage(() => wakeUps.send(hub, delayMs), wait) };
}
