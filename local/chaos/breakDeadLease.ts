import { BlobServiceClient } from '@azure/storage-blob';

/**
 * Does at once what a minute does by itself: ends the lease of a worker that died. To be called only while no worker
 * lives, or a living one would lose its hub.
 */
export async function breakDeadLease(storageConnectionString: string, hub: string): Promise<void> {
  const container = BlobServiceClient.fromConnectionString(storageConnectionString).getContainerClient('module-keeper');
  const blob = container.getBlobClient(`leases/${hub}`);
  if (!(await blob.exists())) return; // it died before it ever had one
  const { leaseState } = await blob.getProperties();
  if (leaseState === 'leased') await blob.getBlobLeaseClient().breakLease(0);
}
