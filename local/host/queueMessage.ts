import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { RpcTypedData } from './coreTypes.ts';
import type { QueueSettings } from './hostJson.ts';
import type { TriggerInput } from './invoker.ts';

type Encoding = QueueSettings['messageEncoding'];

/** The text as it is stored. */
export function encodeMessage(text: string | Uint8Array, encoding: Encoding): string {
  return encoding === 'base64' ? Buffer.from(text).toString('base64') : Buffer.from(text).toString('utf8');
}

/** The text as it was meant; `undefined` if it is not in that encoding. */
export function decodeMessage(stored: string, encoding: Encoding): string | undefined {
  if (encoding === 'none') return stored;
  const isBase64 = stored.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(stored);
  return isBase64 ? Buffer.from(stored, 'base64').toString('utf8') : undefined;
}

/**
 * What a queue function gets. The library turns text that is JSON into its value, even a bare `123`; metadata:
 * https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue-trigger#message-metadata
 */
export function queueInput(text: string, message?: DequeuedMessageItem): TriggerInput {
  const metadata: Record<string, RpcTypedData> = { QueueTrigger: { string: text } };
  if (message) {
    metadata.Id = { string: message.messageId };
    metadata.PopReceipt = { string: message.popReceipt };
    metadata.DequeueCount = { int: message.dequeueCount };
    metadata.InsertionTime = time(message.insertedOn);
    metadata.ExpirationTime = time(message.expiresOn);
    metadata.NextVisibleTime = time(message.nextVisibleOn);
  }
  return { data: { string: text }, metadata };
}

/**
 * The messages that a queue output makes: an array is one message an element, anything else a single one. Texts go as
 * they are, other values as JSON. Nothing for `undefined` and `null`.
 */
export function outputMessages(data: RpcTypedData | null | undefined): (string | Uint8Array)[] {
  if (data?.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    return (Array.isArray(value) ? value : [value])
      .filter((element) => element !== null)
      .map((element) => (typeof element === 'string' ? element : JSON.stringify(element)));
  }
  const single = data?.string ?? data?.bytes ?? data?.int ?? data?.double;
  if (single === undefined) return [];
  return [typeof single === 'number' ? String(single) : single];
}

function time(date: Date): RpcTypedData {
  return { json: JSON.stringify(date) };
}
