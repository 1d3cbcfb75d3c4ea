import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { parsedJson } from '../parsedJson.ts';
import { spanIdsOf } from '../telemetry/telemetry.ts';
import type { DelayedWakeUp, PendingDevice, PendingDevices, WakeUpQueue } from './queues.ts';
import { countOr } from './readMembers.ts';
import { storageStatus } from './storageStatus.ts';

/** The version of pending messages that this app writes. It reads messages of every version; those of version 1 have no number. */
export const pendingVersion = 3;

const neverExpires = -1;
/** The largest number of messages of one call (Queue service REST API, "Get Messages" and "Peek Messages"). */
const maxReceive = 32;

/** The queue `hub-work`, which triggers the function of that name. Messages are base64, as the Functions host expects. */
export function storageWakeUps(queues: QueueServiceClient): WakeUpQueue {
  const queue = queues.getQueueClient('hub-work');
  const poisonQueue = queues.getQueueClient('hub-work-poison');
  return {
    async send(hub, delayMs) {
      await send(queue, { hub }, delayMs);
    },

    async waiting() {
      const response = await ifPresent(() => queue.peekMessages({ numberOfMessages: maxReceive }));
      const messages = response?.peekedMessageItems ?? [];
      const hubs = messages.map(({ messageText }) => (decodeJson(messageText) as { hub?: unknown }).hub);
      return { hubs: hubs.filter((hub) => typeof hub === 'string'), complete: messages.length < maxReceive };
    },

    async poisonedCount() {
      return messageCount(poisonQueue);
    },

    async sendDelayed(hub, delayMs) {
      return delayedWakeUp(queue, { hub }, await send(queue, { hub }, delayMs));
    },
  };
}

/** Changes the message by the pop receipt of `Put Message`, without receiving it. Each change returns a new pop receipt. */
function delayedWakeUp(
  queue: QueueClient,
  message: object,
  { messageId, popReceipt: firstReceipt }: { messageId: string; popReceipt: string },
): DelayedWakeUp {
  let popReceipt = firstReceipt;
  return {
    async move(delayMs) {
      const moved = await ifPresent(() =>
        queue.updateMessage(messageId, popReceipt, encode(message), seconds(delayMs)),
      );
      popReceipt = moved?.popReceipt ?? popReceipt;
      return moved !== undefined;
    },
    async remove() {
      await ifPresent(() => queue.deleteMessage(messageId, popReceipt));
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

    async keepHidden(hub, message, hiddenMs) {
      const { messageId, popReceipt } = message.receipt;
      // An update without a text keeps the text of the message ("Update Message", Queue service REST API).
      const update = () => queueOf(hub).updateMessage(messageId, popReceipt, undefined, seconds(hiddenMs));
      const renewed = (await ifPresent(update))?.popReceipt;
      return renewed === undefined ? undefined : { ...message, receipt: { messageId, popReceipt: renewed } };
    },

    async hasVisible(hub) {
      const response = await ifPresent(() => queueOf(hub).peekMessages({ numberOfMessages: 1 }));
      return (response?.peekedMessageItems.length ?? 0) > 0;
    },

    async approximateCount(hub) {
      return messageCount(queueOf(hub));
    },
  };
}

/** The approximate number of messages, hidden ones included; 0 if there is no such queue. */
async function messageCount(queue: QueueClient): Promise<number> {
  const response = await ifPresent(() => queue.getProperties());
  return response?.approximateMessagesCount ?? 0;
}

/** Sends a message that becomes visible after `delayMs` and never expires. Creates the queue if it is missing. */
async function send(
  queue: QueueClient,
  message: object,
  delayMs: number,
): Promise<{ messageId: string; popReceipt: string }> {
  const options = { messageTimeToLive: neverExpires, visibilityTimeout: seconds(delayMs) };
  try {
    return await queue.sendMessage(encode(message), options);
  } catch (error) {
    if (storageStatus(error) !== 404) throw error;
    await queue.createIfNotExists();
    return queue.sendMessage(encode(message), options);
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
 * Reads a message of any version. An invalid member gets its default, and an unknown one is dropped. A message without a device id
 * gets an empty one, which no hub has.
 */
function decode(text: string): PendingDevice {
  const { deviceId, tries, repair, origin } = decodeJson(text) as Partial<PendingDevice>;
  return {
    deviceId: typeof deviceId === 'string' ? deviceId : '',
    tries: countOr(tries, 0),
    ...(repair === true ? { repair } : {}),
    ...readOrigin(origin),
  };
}

/** The JSON value of a message; an empty object for null and for a message that is not JSON. */
function decodeJson(text: string): unknown {
  return parsedJson(Buffer.from(text, 'base64').toString('utf8')) ?? {};
}

/** The valid members of an origin; no origin if there are none. */
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
