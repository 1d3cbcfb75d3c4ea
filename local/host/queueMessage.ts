import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { RpcTypedData } from './coreTypes.ts';
import type { QueueSettings } from './hostJson.ts';
import type { TriggerInput } from './invoker.ts';

type Encoding = QueueSettings['messageEncoding'];

/** Encodes a message for storage. */
export function encodeMessage(text: string | Uint8Array, encoding: Encoding): string {
  return encoding === 'base64' ? Buffer.from(text).toString('base64') : Buffer.from(text).toString('utf8');
}

/** Decodes a stored message; `undefined` if it is not in that encoding. */
export function decodeMessage(stored: string, encoding: Encoding): string | undefined {
  if (encoding === 'none') return stored;
  const isBase64 = stored.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(stored);
  return isBase64 ? Buffer.from(stored, 'base64').toString('utf8') : undefined;
}

/**
 * The input of a queue function. The library parses text that is JSON, even a bare `123`. Metadata:
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
 * The messages of a queue output: one for each element of an array, one for any other value, none for `undefined` and
 * `null`. Strings stay as they are, other values become indented JSON, as the host writes them (measured).
 */
export function outputMessages(data: RpcTypedData | null | undefined): (string | Uint8Array)[] {
  if (data?.json !== undefined) {
    const value: unknown = JSON.parse(data.json);
    return (Array.isArray(value) ? value : [value])
      .filter((element) => element !== null)
      .map((element) => (typeof element === 'string' ? element : JSON.stringify(element, null, 2)));
  }
  const single = data?.string ?? data?.bytes ?? data?.int ?? data?.double;
  if (single === undefined) return [];
  return [typeof single === 'number' ? String(single) : single];
}

function time(date: Date): RpcTypedData {
  return { json: JSON.stringify(date) };
}
