import type { TestCloud } from './testCloud.ts';

/** Runs `action` while the lease of the hub is held, as if a worker ran in another process. */
export async function holdLease(cloud: TestCloud, action: () => Promise<void>): Promise<void> {
  const container = cloud.blobs.getContainerClient('module-keeper');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient(`leases/${cloud.hubName}`);
  if (!(await blob.exists())) await blob.upload('', 0);
  const lease = blob.getBlobLeaseClient();
  await cloud.until('the lease is free', async () => (await blob.getProperties()).leaseState !== 'leased');
  await lease.acquireLease(60);
  try {
    await action();
  } finally {
    await lease.releaseLease();
  }
}

/** Ends the lease, as if that of a killed worker had expired. */
export async function breakLease(cloud: TestCloud): Promise<void> {
  const blob = cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient(`leases/${cloud.hubName}`);
  await blob.getBlobLeaseClient().breakLease(0);
}
