import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { spanIdsOf } from '../telemetry/telemetry.ts';
import type { PendingDevice, PendingDevices, WakeUps } from './queues.ts';
import { storageStatus } from './storageStatus.ts';

/** The version of pending messages that this app writes. It reads every version: messages of version 1 had no number. */
const pendingVersion = 2;

const neverExpires = -1;
/** The largest number of messages of one receive call (Queue service REST API, "Get Messages"). */
const maxReceive = 32;

/** The queue `hub-work`, which triggers the function of that name. Messages are base64, as the Functions host expects. */
export function storageWakeUps(queues: QueueServiceClient): WakeUps {
  const queue = queues.getQueueClient('hub-work');
  return {
    async send(hub, delayMs) {
      await send(queue, { hub }, delayMs);
    },
  };
}

/** The queue `pending-{hub}` of each hub. */
export function storagePendingDevices(queues: QueueServiceClient): PendingDevices {
  const queueOf = (hub: string) => queues.getQueueClient(`pending-${hub}`);
  return {
    async add(hub, device, delayMs) {
      await send(queueOf(hub), { version: pendingVersion, ...device }, delayMs);
    },

    async take(hub, max, hiddenMs) {
      const response = await ifPresent(() =>
        queueOf(hub).receiveMessages({
          numberOfMessages: Math.min(max, maxReceive),
          visibilityTimeout: seconds(hiddenMs),
        }),
      );
      return (response?.receivedMessageItems ?? []).map(({ messageId, popReceipt, messageText }) => ({
        ...decode(messageText),
        receipt: { messageId, popReceipt },
      }));
    },

    async remove(hub, { receipt }) {
      await ifPresent(() => queueOf(hub).deleteMessage(receipt.messageId, receipt.popReceipt));
    },

    async putBack(hub, { receipt }, device, delayMs) {
      await ifPresent(() =>
        queueOf(hub).updateMessage(
          receipt.messageId,
          receipt.popReceipt,
          encode({ version: pendingVersion, ...device }),
          seconds(delayMs),
        ),
      );
    },

    async hasVisible(hub) {
      const response = await ifPresent(() => queueOf(hub).peekMessages({ numberOfMessages: 1 }));
      return (response?.peekedMessageItems.length ?? 0) > 0;
    },

    async approximateCount(hub) {
      const response = await ifPresent(() => queueOf(hub).getProperties());
      return response?.approximateMessagesCount ?? 0;
    },
  };
}

async function send(queue: QueueClient, message: object, delayMs: number): Promise<void> {
  const options = { messageTimeToLive: neverExpires, visibilityTimeout: seconds(delayMs) };
  try {
    await queue.sendMessage(encode(message), options);
  } catch (error) {
    if (storageStatus(error) !== 404) throw error;
    await queue.createIfNotExists();
    await queue.sendMessage(encode(message), options);
  }
}

/** Returns undefined if the queue or the message does not exist, or another receiver has the message. */
async function ifPresent<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const { code } = (error ?? {}) as { code?: unknown };
    if (storageStatus(error) === 404 || code === 'PopReceiptMismatch') return undefined;
    throw error;
  }
}

function encode(message: object): string {
  return Buffer.from(JSON.stringify(message)).toString('base64');
}

/**
 * A message of any version, as far as it is understood. One with another content is returned as a device with an empty id, which
 * no hub has.
 */
function decode(text: string): PendingDevice {
  try {
    const { deviceId, tries, origin } = (JSON.parse(Buffer.from(text, 'base64').toString('utf8')) ??
      {}) as Partial<PendingDevice>;
    return {
      deviceId: typeof deviceId === 'string' ? deviceId : '',
      tries: typeof tries === 'number' ? tries : 0,
      ...readOrigin(origin),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return { deviceId: '', tries: 0 };
    throw error;
  }
}

/** Returns only valid members; messages of earlier versions have no origin. */
function readOrigin(origin: unknown): Pick<PendingDevice, 'origin'> {
  const { traceparent, eventTime } = (origin ?? {}) as Record<string, unknown>;
  const isTraceparent = typeof traceparent === 'string' && spanIdsOf(traceparent) !== undefined;
  const isTime = typeof eventTime === 'string' && !Number.isNaN(Date.parse(eventTime));
  if (!isTraceparent && !isTime) return {};
  return { origin: { ...(isTraceparent ? { traceparent } : {}), ...(isTime ? { eventTime } : {}) } };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
