import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Clock } from '../../shared/clock.ts';
import type { QueueSettings } from './hostJson.ts';
import type { WriteLog } from './hostLog.ts';
import type { TriggerInput } from './invoker.ts';
import { decodeMessage, queueInput } from './queueMessage.ts';
import { describeStorageError, hasStorageCode } from './storageError.ts';

/** Interval between attempts to renew a message's invisibility while storage fails. */
const renewRetryMs = 5_000;

export interface ProcessMessageOptions {
  queue: QueueClient;
  /** Undefined for a poison queue. */
  poisonQueue: QueueClient | undefined;
  settings: QueueSettings;
  /** Length of one invisibility period while the function runs; renewed at half of it. */
  leaseMs: number;
  clock: Clock;
  run: (input: TriggerInput) => Promise<unknown>;
  writeLog: WriteLog;
}

/**
 * Processes one received message as the host's QueueProcessor does (Azure/azure-sdk-for-net,
 * Microsoft.Azure.WebJobs.Extensions.Storage.Queues): keeps it invisible while the function runs; deletes it on
 * success; on failure makes it visible again after `visibilityTimeout`, or moves it to the poison queue after the last
 * attempt. Without a poison queue a failed message stays invisible until its period ends. Never rejects: storage
 * failures are logged, and the message becomes visible again by itself.
 */
export async function processMessage(message: DequeuedMessageItem, options: ProcessMessageOptions): Promise<void> {
  const { queue, poisonQueue, settings, writeLog } = options;
  try {
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined) {
      writeLog(
        'error',
        'host',
        `A message of '${queue.name}' is not in ${settings.messageEncoding}; no function receives it.`,
      );
      if (poisonQueue) await moveToPoison(message, poisonQueue, options);
      return;
    }
    // Only after a crash in the last run: otherwise that run has moved the message.
    if (poisonQueue && message.dequeueCount > settings.maxDequeueCount) {
      return await moveToPoison(message, poisonQueue, options);
    }
    const { succeeded, popReceipt } = await runKeepingInvisible(text, message, options);
    if (succeeded) {
      await queue.deleteMessage(message.messageId, popReceipt);
    } else if (poisonQueue && message.dequeueCount >= settings.maxDequeueCount) {
      await moveToPoison({ ...message, popReceipt }, poisonQueue, options);
    } else if (poisonQueue) {
      await queue.updateMessage(message.messageId, popReceipt, undefined, seconds(settings.visibilityTimeoutMs));
    }
  } catch (error) {
    const lost = hasStorageCode(error, 'MessageNotFound', 'PopReceiptMismatch');
    const why = lost ? 'another receiver has taken it' : describeStorageError(error);
    writeLog('warning', 'host', `A message of '${queue.name}' was neither deleted nor released: ${why}.`);
  }
}

async function runKeepingInvisible(
  text: string,
  message: DequeuedMessageItem,
  { queue, leaseMs, clock, run, writeLog }: ProcessMessageOptions,
): Promise<{ succeeded: boolean; popReceipt: string }> {
  const finished = new AbortController();
  let popReceipt = message.popReceipt;

  async function renew(): Promise<void> {
    for (let waitMs = leaseMs / 2; ; ) {
      await clock.sleep(waitMs, finished.signal);
      try {
        // Every update returns a new receipt and invalidates the old one.
        const updated = await queue.updateMessage(message.messageId, popReceipt, undefined, seconds(leaseMs));
        popReceipt = updated.popReceipt ?? popReceipt;
        waitMs = leaseMs / 2;
      } catch (error) {
        writeLog(
          'warning',
          'host',
          `A message of '${queue.name}' was not kept invisible: ${describeStorageError(error)}.`,
        );
        if (hasStorageCode(error, 'MessageNotFound', 'PopReceiptMismatch')) return;
        waitMs = Math.min(renewRetryMs, leaseMs / 2);
      }
    }
  }

  const renewing = renew().catch(() => undefined); // only the sleep in it rejects, when the run has ended
  const succeeded = await run(queueInput(text, message)).then(
    () => true,
    () => false, // the invoker has logged it
  );
  finished.abort();
  await renewing;
  return { succeeded, popReceipt };
}

async function moveToPoison(
  message: DequeuedMessageItem,
  poisonQueue: QueueClient,
  { queue, settings, writeLog }: ProcessMessageOptions,
): Promise<void> {
  if (message.dequeueCount >= settings.maxDequeueCount) {
    writeLog('warning', 'host', `Message has reached MaxDequeueCount of ${settings.maxDequeueCount}.`);
  }
  writeLog('warning', 'host', `Moving message to queue '${poisonQueue.name}'.`);
  await poisonQueue.createIfNotExists();
  await poisonQueue.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, message.popReceipt);
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
