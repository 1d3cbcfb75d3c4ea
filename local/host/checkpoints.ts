import type { ContainerClient } from '@azure/storage-blob';
import { isNotFound } from './storageError.ts';

/** Stores how far each partition was read. */
export interface Checkpoints {
  /** The sequence number of the next event to read; 0 if the partition was never read. */
  next(partition: string): Promise<number>;
  save(partition: string, lastSequenceNumber: number): Promise<void>;
}

/**
 * Checkpoints where the host stores them: container `azure-webjobs-eventhub`, blob
 * `{namespace}/{event hub}/{consumer group}/checkpoint/{partition}`, the position as metadata (Azure/azure-sdk-for-net,
 * BlobCheckpointStoreInternal).
 */
export function blobCheckpoints(container: ContainerClient, path: string): Checkpoints {
  const blob = (partition: string) => container.getBlockBlobClient(`${path}/checkpoint/${partition}`);
  return {
    next: async (partition) => {
      try {
        const { metadata } = await blob(partition).getProperties();
        return Number(metadata?.sequencenumber ?? -1) + 1;
      } catch (error) {
        if (isNotFound(error)) return 0;
        throw error;
      }
    },
    save: async (partition, last) => {
      await container.createIfNotExists();
      await blob(partition).upload('', 0, { metadata: { sequencenumber: String(last), offset: String(last) } });
    },
  };
}
