import type { TokenCredential } from '@azure/identity';
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';
import type { StorageConfig } from '../config/config.ts';

export interface StorageClients {
  container: ContainerClient;
  queues: QueueServiceClient;
}

/** The container that holds all documents and leases (design section 4). */
const containerName = 'module-keeper';

/** Clients of the app's own storage account; the SDKs are loaded here, on first use. */
export async function storageClients(
  storage: StorageConfig,
  credential: () => Promise<TokenCredential>,
): Promise<StorageClients> {
  const [{ BlobServiceClient }, { QueueServiceClient }] = await Promise.all([
    import('@azure/storage-blob'),
    import('@azure/storage-queue'),
  ]);
  if (storage.kind === 'connectionString') {
    return {
      container: BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient(containerName),
      queues: QueueServiceClient.fromConnectionString(storage.connectionString),
    };
  }
  const token = await credential();
  return {
    container: new BlobServiceClient(storage.blobServiceUri, token).getContainerClient(containerName),
    queues: new QueueServiceClient(storage.queueServiceUri, token),
  };
}
