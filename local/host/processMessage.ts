import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Clock } from '../../shared/clock.ts';
import type { QueueSettings } from './hostJson.ts';
import type { WriteLog } from './hostLog.ts';
import type { TriggerInput } from './invoker.ts';
import { decodeMessage, queueInput } from './queueMessage.ts';
import { describeStorageError, hasStorageCode } from './storageError.ts';

/** Between two tries to keep a message invisible when storage fails. */
const renewRetryMs = 5_000;

export interface ProcessMessageOptions {
  queue: QueueClient;
  /** A poison queue has none of its own. */
  poisonQueue: QueueClient | undefined;
  settings: QueueSettings;
  /** How long a message is kept invisible at a time while its function runs. */
  leaseMs: number;
  clock: Clock;
  run: (input: TriggerInput) => Promise<unknown>;
  writeLog: WriteLog;
}

/**
 * Takes one received message to its end, as the host's QueueProcessor does (Azure/azure-sdk-for-net,
 * Microsoft.Azure.WebJobs.Extensions.Storage.Queues): runs the function while the message stays invisible; deletes it
 * on success; on failure shows it again after `visibilityTimeout`, or moves it to the poison queue after its last try.
 * Without a poison queue a failed message just stays invisible until its time is over. Never rejects: storage failures
 * are logged, and the message comes back by itself.
 */
export async function processMessage(message: DequeuedMessageItem, options: ProcessMessageOptions): Promise<void> {
  const { queue, poisonQueue, settings, writeLog } = options;
  try {
    const text = decodeMessage(message.messageText, settings.messageEncoding);
    if (text === undefined) {
      writeLog(
        'error',
        'host',
        `A message of '${queue.name}' is not in ${settings.messageEncoding}; no function sees it.`,
      );
      if (poisonQueue) await moveToPoison(message, poisonQueue, options);
      return;
    }
    // Only after a crash: otherwise its last failed run has moved it.
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
    const why = lost ? 'it was taken by somebody else meanwhile' : describeStorageError(error);
    writeLog('warning', 'host', `A message of '${queue.name}' was not settled: ${why}.`);
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
        // Every update gives a new receipt; the old one is worth nothing afterwards.
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

  const renewing = renew().catch(() => undefined); // only its sleep rejects: when the run is over
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
