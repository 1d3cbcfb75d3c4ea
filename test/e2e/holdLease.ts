import { setTimeout as delay } from 'node:timers/promises';
import type { TestCloud } from './testCloud.ts';

/** The app caches the state of the lease for one second. */
const cachedMs = 1_100;

/** Runs `action` while the lease of the hub is held and the app has noticed, as if a worker ran in another process. */
export async function holdLease(cloud: TestCloud, action: () => Promise<void>): Promise<void> {
  const container = cloud.blobs.getContainerClient('module-keeper');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient(`leases/${cloud.hubName}`);
  if (!(await blob.exists())) await blob.upload('', 0);
  const lease = blob.getBlobLeaseClient();
  await cloud.until('the lease is free', async () => (await blob.getProperties()).leaseState !== 'leased');
  await lease.acquireLease(-1); // without an end, because the action may take long on a busy machine
  try {
    await delay(cachedMs);
    await action();
  } finally {
    await lease.releaseLease();
  }
}

/** Waits until no worker holds the lease of the hub and the app has noticed. */
export async function untilIdle(cloud: TestCloud): Promise<void> {
  const blob = cloud.blobs.getContainerClient('module-keeper').getBlobClient(`leases/${cloud.hubName}`);
  await cloud.until('the lease is free', async () => (await blob.getProperties()).leaseState !== 'leased');
  await delay(cachedMs);
}

/**
 * Runs `watchHubs` until `isSo`. Once is not enough: for ten seconds after a sweep was started or a wake-up was sent, the watch
 * believes that wake-up to be under way, and its timer comes only every five minutes.
 */
export async function watchUntil(cloud: TestCloud, what: string, isSo: () => boolean): Promise<void> {
  await cloud.until(what, async () => {
    await cloud.call('POST', '/admin/functions/watchHubs', '{"input":""}');
    for (let polls = 0; polls < 20 && !isSo(); polls++) await delay(50);
    return isSo();
  });
}
