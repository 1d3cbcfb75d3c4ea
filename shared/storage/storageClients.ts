import type { TokenCredential } from '@azure/identity';
import type { ContainerClient } from '@azure/storage-blob';
import type { QueueServiceClient } from '@azure/storage-queue';
import type { StorageConfig } from '../config/config.ts';
import { storageAgent } from './storageAgent.ts';

/** The clients of the app's storage account. */
export interface StorageClients {
  container: ContainerClient;
  queues: QueueServiceClient;
}

/** The container of all documents and leases. Do not change the name: operators use it (docs/operations.md). */
const containerName = 'module-keeper';

/**
 * Three tries: the second at once, the third after half a second (`calculateDelay` of `StorageRetryPolicyV2`). The
 * defaults of the SDK (4 s, 12 s, up to 120 s) are for long transfers and too long for a caller that waits.
 */
const retryOptions = { maxTries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 };

/** Creates the clients. Loads the storage SDKs, which the start of the app does not need. */
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

/** The SDK's type of options lacks `agent`; the SDK passes it to its HTTP pipeline (`PipelineOptions.agent`). */
function optionsFor(protocol: string) {
  return { retryOptions, agent: storageAgent(protocol) };
}
