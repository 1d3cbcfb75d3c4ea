import type { ContainerClient } from '@azure/storage-blob';
import type { WriteLog } from './hostLog.ts';
import { fromScheduleStatusJson, type ScheduleStatusStore, toScheduleStatusJson } from './scheduleStatus.ts';
import { describeStorageError, isNotFound } from './storageError.ts';

/** A store that stores nothing, for an app without a storage account. */
export const noScheduleStatusStore: ScheduleStatusStore = {
  load: async () => undefined,
  save: async () => undefined,
};

/**
 * Stores schedule statuses where the host does: container `azure-webjobs-hosts`, one blob for each timer, below the
 * host's id (Azure/azure-webjobs-sdk-extensions, StorageScheduleMonitor). The id `local` is ours; the real one is a
 * hash of the machine's name. Storage failures are logged and do not stop the timer.
 */
export function blobScheduleStatusStore(container: ContainerClient, writeLog: WriteLog): ScheduleStatusStore {
  const blob = (functionName: string) =>
    container.getBlockBlobClient(`timers/local/Host.Functions.${functionName}/status`);

  return {
    load: async (functionName) => {
      try {
        const text = (await blob(functionName).downloadToBuffer()).toString('utf8');
        return fromScheduleStatusJson(JSON.parse(text));
      } catch (error) {
        if (!isNotFound(error)) {
          writeLog(
            'warning',
            'host',
            `The schedule status of '${functionName}' was not read: ${describeStorageError(error)}`,
          );
        }
        return undefined;
      }
    },
    save: async (functionName, status) => {
      const text = JSON.stringify(toScheduleStatusJson(status));
      try {
        await container.createIfNotExists();
        await blob(functionName).upload(text, Buffer.byteLength(text));
      } catch (error) {
        writeLog(
          'warning',
          'host',
          `The schedule status of '${functionName}' was not stored: ${describeStorageError(error)}`,
        );
      }
    },
  };
}
