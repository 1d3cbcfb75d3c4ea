import type { BlobLeaseClient, ContainerClient } from '@azure/storage-blob';
import type { Clock } from '../../shared/clock.ts';
import { blobConflict } from '../../shared/storage/blobConflict.ts';
import type { TimerLockSettings } from './hostJson.ts';
import type { WriteLog } from './hostLog.ts';
import { describeStorageError } from './storageError.ts';
import type { TimerLock } from './timerLock.ts';

export interface BlobTimerLockOptions {
  container: ContainerClient;
  settings: TimerLockSettings;
  clock: Clock;
  writeLog: WriteLog;
}

/**
 * A lease on the blob `locks/{hostId}/Host.Functions.X.Listener`, renewed at half of its length, as in the host
 * (Azure/azure-webjobs-sdk, SingletonManager). After a kill the lease lasts until it expires: with the default settings
 * timers start 60 s late (measured).
 */
export function blobTimerLock(functionName: string, options: BlobTimerLockOptions): TimerLock {
  const { container, settings, clock, writeLog } = options;
  const blob = container.getBlockBlobClient(`locks/local/Host.Functions.${functionName}.Listener`);
  let held: { lease: BlobLeaseClient; renewing: AbortController } | undefined;

  async function tryToAcquire(): Promise<boolean> {
    try {
      await container.createIfNotExists();
      if (!(await blob.exists())) await createUnlessThere();
      const lease = blob.getBlobLeaseClient();
      await lease.acquireLease(settings.leaseMs / 1000);
      held = { lease, renewing: new AbortController() };
      void renew(held);
      return true;
    } catch (error) {
      if (blobConflict(error) !== 'lease') report('acquired', error);
      return false;
    }
  }

  /** Creates the blob. Another instance may create it, and take the lease, at the same time: that is no error. */
  async function createUnlessThere(): Promise<void> {
    try {
      await blob.upload('', 0, { conditions: { ifNoneMatch: '*' } });
    } catch (error) {
      if (blobConflict(error) === undefined) throw error;
    }
  }

  async function renew(own: NonNullable<typeof held>): Promise<void> {
    try {
      for (;;) {
        await clock.sleep(settings.leaseMs / 2, own.renewing.signal);
        await own.lease.renewLease();
      }
    } catch (error) {
      if (own.renewing.signal.aborted) return;
      held = undefined; // the next run waits for the lock again
      report('renewed', error);
    }
  }

  function report(what: string, error: unknown): void {
    writeLog('warning', 'host', `The lock of '${functionName}' was not ${what}: ${describeStorageError(error)}`);
  }

  return {
    isHeld: () => held !== undefined,
    acquire: async (signal) => {
      signal.throwIfAborted();
      while (!(await tryToAcquire())) await clock.sleep(settings.retryMs, signal);
    },
    release: async () => {
      const own = held;
      held = undefined;
      own?.renewing.abort();
      await own?.lease.releaseLease().catch((error: unknown) => report('released', error));
    },
  };
}
