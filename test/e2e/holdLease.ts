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

/** Ends the lease, as if that of a killed worker had expired. */
export async function breakLease(cloud: TestCloud): Promise<void> {
  const blob = cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient(`leases/${cloud.hubName}`);
  await blob.getBlobLeaseClient().breakLease(0);
}
