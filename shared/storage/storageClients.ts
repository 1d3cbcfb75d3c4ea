import type { TokenCredential } from '@azure/identity';
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';
import type { StorageConfig } from '../config/config.ts';
import { storageAgent } from './storageAgent.ts';

export interface StorageClients {
  container: ContainerClient;
  queues: QueueServiceClient;
}

/** The container that holds all documents and leases (design section 4). */
const containerName = 'module-keeper';

/**
 * The SDK's own waits (4, then 12 s, up to 120 s) are made for long transfers; ours are for a caller who waits: three
 * tries, the second at once and the third after half a second (`calculateDelay` of `StorageRetryPolicyV2`).
 */
const retryOptions = { maxTries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 };

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
    const { connectionString } = storage;
    const { protocol } = new URL(QueueServiceClient.fromConnectionString(connectionString).url);
    const options = optionsFor(protocol);
    return {
      container: BlobServiceClient.fromConnectionString(connectionString, options).getContainerClient(containerName),
      queues: QueueServiceClient.fromConnectionString(connectionString, options),
    };
  }
  const token = await credential();
  const options = optionsFor('https:');
  return {
    container: new BlobServiceClient(storage.blobServiceUri, token, options).getContainerClient(containerName),
    queues: new QueueServiceClient(storage.queueServiceUri, token, options),
  };
}

/** The SDK hands on `agent`, which its own type does not name, to its HTTP pipeline (`PipelineOptions.agent`). */
function optionsFor(protocol: string) {
  return { retryOptions, agent: storageAgent(protocol) };
}
