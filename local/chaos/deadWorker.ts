import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';

/**
 * Sends a wake-up in place of the dead worker's guard: the guard becomes visible only after the time at which the lease
 * would have expired.
 */
export async function sendGuard(storageConnectionString: string, hub: string): Promise<void> {
  const queue = QueueServiceClient.fromConnectionString(storageConnectionString).getQueueClient('hub-work');
  await queue.sendMessage(Buffer.from(JSON.stringify({ hub })).toString('base64'));
}

/**
 * Breaks the lease of a killed worker, which would otherwise last up to a minute. Call it only while no worker runs, or
 * a running one would lose its lease.
 */
export async function breakDeadLease(storageConnectionString: string, hub: string): Promise<void> {
  const container = BlobServiceClient.fromConnectionString(storageConnectionString).getContainerClient('module-keeper');
  const blob = container.getBlobClient(`leases/${hub}`);
  if (!(await blob.exists())) return; // killed before it took a lease
  const { leaseState } = await blob.getProperties();
  if (leaseState === 'leased') await blob.getBlobLeaseClient().breakLease(0);
}
