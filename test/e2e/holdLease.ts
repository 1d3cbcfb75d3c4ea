import type { TestCloud } from './testCloud.ts';

/** Runs `work` while the hub's lease is held, as if its worker were at work in another process. */
export async function holdLease(cloud: TestCloud, work: () => Promise<void>): Promise<void> {
  const container = cloud.blobs.getContainerClient('module-keeper');
  await container.createIfNotExists();
  const blob = container.getBlockBlobClient(`leases/${cloud.hubName}`);
  if (!(await blob.exists())) await blob.upload('', 0);
  const lease = blob.getBlobLeaseClient();
  await cloud.until('the lease is free', async () => (await blob.getProperties()).leaseState !== 'leased');
  await lease.acquireLease(60);
  try {
    await work();
  } finally {
    await lease.releaseLease();
  }
}

/** As if the lease of a worker that died had run out. */
export async function breakLease(cloud: TestCloud): Promise<void> {
  const blob = cloud.blobs.getContainerClient('module-keeper').getBlockBlobClient(`leases/${cloud.hubName}`);
  await blob.getBlobLeaseClient().breakLease(0);
}
