import type { ContainerClient } from '@azure/storage-blob';
import { blobConflict } from './blobConflict.ts';
import { type HubLease, LeaseLostError, type Leases } from './leases.ts';
import { storageStatus } from './storageStatus.ts';

/** The longest that a blob lease may last ("Lease Blob", Blob service REST API), so that it outlasts short storage outages. */
const durationSeconds = 60;

/** Leases on one blob for each hub, `leases/{hub}`. `tryAcquire` creates the container and the blob if they are missing. */
export function blobLeases(container: ContainerClient): Leases {
  return {
    durationMs: durationSeconds * 1000,

    async tryAcquire(hub) {
      const blob = container.getBlockBlobClient(`leases/${hub}`);
      const client = blob.getBlobLeaseClient();
      try {
        await client.acquireLease(durationSeconds);
      } catch (error) {
        if (blobConflict(error) === 'lease') return undefined;
        if (storageStatus(error) !== 404) throw error;
        await container.createIfNotExists();
        await createEmpty(blob);
        return this.tryAcquire(hub);
      }
      return heldLease(hub, client);
    },

    async isHeld(hub) {
      try {
        const { leaseState } = await container.getBlockBlobClient(`leases/${hub}`).getProperties();
        return leaseState === 'leased';
      } catch (error) {
        if (storageStatus(error) === 404) return false;
        throw error;
      }
    },
  };
}

type Blob = ReturnType<ContainerClient['getBlockBlobClient']>;

function heldLease(hub: string, client: ReturnType<Blob['getBlobLeaseClient']>): HubLease {
  return {
    async renew(signal) {
      try {
        await client.renewLease(signal ? { abortSignal: signal } : {});
      } catch (error) {
        if (isLost(error)) throw new LeaseLostError(hub);
        throw error;
      }
    },
    async release() {
      try {
        await client.releaseLease();
      } catch (error) {
        if (!isLost(error)) throw error;
      }
    },
  };
}

function isLost(error: unknown): boolean {
  return storageStatus(error) === 404 || blobConflict(error) === 'lease';
}

async function createEmpty(blob: Blob): Promise<void> {
  try {
    await blob.upload('', 0, { conditions: { ifNoneMatch: '*' } });
  } catch (error) {
    // Another process has just created it, and perhaps leased it already.
    if (blobConflict(error) === undefined) throw error;
  }
}
