import { randomUUID } from 'node:crypto';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Clock } from '../../../shared/clock.ts';

interface StoredMessage {
  messageId: string;
  messageText: string;
  dequeueCount: number;
  popReceipt: string;
  visibleAtMs: number;
}

/** A storage queue in memory, on a clock of the test: visibility, receipts and dequeue counts as in the service. */
export class MemoryQueue {
  readonly name: string;
  readonly messages: StoredMessage[] = [];
  /** Visibility timeouts, in seconds, of all calls of `receiveMessages` that returned messages. */
  readonly receivedFor: number[] = [];
  private readonly clock: Clock;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.clock = clock;
  }

  add(messageText: string): void {
    const message = { messageId: randomUUID(), messageText, dequeueCount: 0, popReceipt: '' };
    this.messages.push({ ...message, visibleAtMs: this.clock.now() });
  }

  /** A client of the queue; while `isDead()`, none of its calls takes effect or returns, as after the kill of its process. */
  client(isDead: () => boolean = () => false): QueueClient {
    const call = async <T>(effect: () => T): Promise<T> => (isDead() ? new Promise<T>(() => undefined) : effect());
    const client = {
      name: this.name,
      createIfNotExists: () => call(() => ({ succeeded: false })),
      sendMessage: (text: string) => call(() => this.add(text)),
      receiveMessages: ({ numberOfMessages = 1, visibilityTimeout = 30 }) =>
        call(() => ({ receivedMessageItems: this.receive(numberOfMessages, visibilityTimeout) })),
      deleteMessage: (id: string, popReceipt: string) =>
        call(() => {
          this.messages.splice(this.messages.indexOf(this.find(id, popReceipt)), 1);
        }),
      updateMessage: (id: string, popReceipt: string, _text: undefined, visibilityTimeout: number) =>
        call(() => {
          const message = this.find(id, popReceipt);
          message.visibleAtMs = this.clock.now() + visibilityTimeout * 1000;
          message.popReceipt = randomUUID();
          return { popReceipt: message.popReceipt };
        }),
    };
    return client as unknown as QueueClient;
  }

  private receive(most: number, visibilityTimeout: number): DequeuedMessageItem[] {
    const nowMs = this.clock.now();
    const visible = this.messages.filter(({ visibleAtMs }) => visibleAtMs <= nowMs).slice(0, most);
    if (visible.length > 0) this.receivedFor.push(visibilityTimeout);
    return visible.map((message) => {
      message.dequeueCount += 1;
      message.popReceipt = randomUUID();
      message.visibleAtMs = nowMs + visibilityTimeout * 1000;
      const dates = { insertedOn: new Date(nowMs), expiresOn: new Date(nowMs), nextVisibleOn: new Date(nowMs) };
      return { ...message, ...dates };
    });
  }

  /** Throws the service's error unless the receipt is the latest one of the message. */
  private find(id: string, popReceipt: string): StoredMessage {
    const found = this.messages.find(({ messageId }) => messageId === id);
    if (found?.popReceipt === popReceipt) return found;
    const code = found ? 'PopReceiptMismatch' : 'MessageNotFound';
    throw Object.assign(new Error(code), { name: 'RestError', code, statusCode: found ? 400 : 404 });
  }
}
