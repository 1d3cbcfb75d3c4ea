import type { Clock } from '../../shared/clock.ts';
import { parseDocument } from '../../shared/storage/damagedDocument.ts';
import {
  type ChangingTexts,
  type Documents,
  type ListedEtags,
  type PartedTexts,
  partPath,
  StaleDocumentError,
} from '../../shared/storage/documents.ts';
import { LeaseLostError, type Leases } from '../../shared/storage/leases.ts';
import type { PendingDevice, PendingDevices, PendingMessage, WakeUpQueue } from '../../shared/storage/queues.ts';

/** Documents in memory; `documentStoreContract.ts` tests them and the blob documents alike. */
export class MemoryDocuments implements Documents, PartedTexts, ChangingTexts, ListedEtags {
  private readonly blobs = new Map<string, { text: string; etag: string }>();
  private readonly texts = new Map<string, string>();
  private serial = 0;
  private calls = 0;

  async read<T>(path: string) {
    await this.jitter();
    const blob = this.blobs.get(path);
    return blob && { value: parseDocument<T>(path, blob.text), etag: blob.etag };
  }

  async readEtag(path: string) {
    await this.jitter();
    return this.blobs.get(path)?.etag;
  }

  async write(path: string, value: unknown, etag: string | undefined) {
    await this.jitter();
    if (this.blobs.get(path)?.etag !== etag) throw new StaleDocumentError(path);
    return this.putBlob(path, JSON.stringify(value));
  }

  async readTextUnless(path: string, etag: string | undefined, maxBytes: number) {
    await this.jitter();
    const blob = this.blobs.get(path);
    if (blob && blob.etag === etag) return 'unchanged';
    return (
      blob && {
        text: Buffer.from(blob.text)
          .subarray(0, maxBytes + 1)
          .toString('utf8'),
        etag: blob.etag,
      }
    );
  }

  /** Replaces a document by any text, as an operator may do. Returns the new etag. */
  putBlob(path: string, text: string): string {
    this.serial += 1;
    this.blobs.set(path, { text, etag: `"${this.serial}"` });
    return `"${this.serial}"`;
  }

  async listEtags(prefix: string) {
    const etags = [...this.blobs].map(([path, { etag }]) => [path, etag] as const);
    return new Map(etags.filter(([path]) => path.startsWith(prefix)).sort());
  }

  async list(prefix: string) {
    return [...this.blobs.keys(), ...this.texts.keys()].filter((path) => path.startsWith(prefix)).sort();
  }

  async remove(path: string) {
    this.blobs.delete(path);
    this.texts.delete(path);
  }

  async writePart(path: string, part: number, text: string) {
    await this.jitter();
    this.texts.set(partPath(path, part), text);
  }

  async addPart(path: string, part: number, text: string) {
    await this.jitter();
    if (this.texts.has(partPath(path, part))) return false;
    this.texts.set(partPath(path, part), text);
    return true;
  }

  /** Delays calls differently, so that simultaneous calls complete in different orders. */
  private async jitter(): Promise<void> {
    this.calls += 1;
    for (let turn = (this.calls * 7) % 13; turn > 0; turn--) await Promise.resolve();
  }

  async readText(path: string) {
    return this.texts.get(path);
  }

  async readPart(path: string, part: number) {
    return this.texts.get(partPath(path, part));
  }

  /** Replaces a document by a text that may be no JSON, as an operator can. */
  async putRaw(path: string, text: string) {
    this.serial += 1;
    this.blobs.set(path, { text, etag: `"${this.serial}"` });
  }

  /** Puts a text that is not in parts, as version 1 of the app wrote the failures of a run. */
  putText(path: string, text: string): void {
    this.texts.set(path, text);
  }
}

/** Leases in memory, which expire by the clock. */
export class MemoryLeases implements Leases {
  readonly durationMs = 60_000;
  private readonly held = new Map<string, { owner: object; untilMs: number }>();
  private readonly acquired: { hub: string; atMs: number }[] = [];
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async tryAcquire(hub: string) {
    if (this.holds(hub)) return undefined; // no `await` between this check and `hold`
    const owner = {};
    const hold = () => this.held.set(hub, { owner, untilMs: this.clock.elapsedMs() + this.durationMs });
    hold();
    this.acquired.push({ hub, atMs: this.clock.now() });
    return {
      renew: async () => {
        if (this.held.get(hub)?.owner !== owner) throw new LeaseLostError(hub);
        hold();
      },
      release: async () => {
        if (this.held.get(hub)?.owner === owner) this.held.delete(hub);
      },
    };
  }

  async isHeld(hub: string) {
    return this.holds(hub);
  }

  /** How often the lease was acquired since then. */
  acquiredSince(hub: string, sinceMs: number): number {
    return this.acquired.filter((one) => one.hub === hub && one.atMs >= sinceMs).length;
  }

  /** Breaks the lease, as an operator can do. */
  break(hub: string): void {
    this.held.delete(hub);
  }

  private holds(hub: string): boolean {
    return (this.held.get(hub)?.untilMs ?? 0) > this.clock.elapsedMs();
  }
}

interface Message extends PendingDevice {
  id: number;
  visibleAtMs: number;
  receipt: number;
}

/** Pending devices in memory, with visibility by the clock. */
export class MemoryPending implements PendingDevices {
  /** Messages of each hub by their id, in the order of their arrival. */
  private readonly queues = new Map<string, Map<string, Message>>();
  private readonly clock: Clock;
  private serial = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async add(hub: string, device: PendingDevice, delayMs: number) {
    this.serial += 1;
    const message = { ...device, id: this.serial, visibleAtMs: this.clock.elapsedMs() + delayMs, receipt: 0 };
    const queue = this.all(hub);
    queue.set(String(message.id), message);
    this.queues.set(hub, queue);
  }

  async take(hub: string, max: number, hiddenMs: number) {
    return this.visible(hub, Math.min(max, 32)).map((message) => {
      this.hide(message, hiddenMs);
      const { deviceId, tries, repair, origin, id, receipt } = message;
      const taken = { messageId: String(id), popReceipt: String(receipt) };
      return { deviceId, tries, ...(repair ? { repair } : {}), ...(origin ? { origin } : {}), receipt: taken };
    });
  }

  async remove(hub: string, taken: PendingMessage) {
    const message = this.find(hub, taken);
    if (message) this.all(hub).delete(String(message.id));
  }

  async putBack(hub: string, taken: PendingMessage, device: PendingDevice, delayMs: number) {
    const message = this.find(hub, taken);
    if (!message) return;
    Object.assign(message, device);
    this.hide(message, delayMs);
  }

  async keepHidden(hub: string, taken: PendingMessage, hiddenMs: number) {
    const message = this.find(hub, taken);
    if (!message) return undefined;
    this.hide(message, hiddenMs);
    return { ...taken, receipt: { messageId: String(message.id), popReceipt: String(message.receipt) } };
  }

  async hasVisible(hub: string) {
    return this.visible(hub, 1).length > 0;
  }

  async approximateCount(hub: string) {
    return this.all(hub).size;
  }

  /** Returns the ids of all pending devices, also those of hidden messages. */
  deviceIds(hub: string): string[] {
    return [...this.all(hub).values()].map(({ deviceId }) => deviceId);
  }

  private all(hub: string): Map<string, Message> {
    return this.queues.get(hub) ?? new Map();
  }

  private visible(hub: string, max: number): Message[] {
    const found: Message[] = [];
    for (const message of this.all(hub).values()) {
      if (found.length >= max) break;
      if (message.visibleAtMs <= this.clock.elapsedMs()) found.push(message);
    }
    return found;
  }

  private hide(message: Message, ms: number): void {
    this.serial += 1;
    message.receipt = this.serial;
    message.visibleAtMs = this.clock.elapsedMs() + ms;
  }

  private find(hub: string, { receipt }: PendingMessage): Message | undefined {
    const message = this.all(hub).get(receipt.messageId);
    return message && String(message.receipt) === receipt.popReceipt ? message : undefined;
  }
}

/** A message in the queue of wake-ups. */
export interface WakeUp {
  hub: string;
  dueMs: number;
  /** How often it was taken, if ever. */
  taken?: number;
}

/** Wake-ups in memory; a test takes those that are due and runs the worker for them. */
export class MemoryWakeUps implements WakeUpQueue {
  readonly sent: WakeUp[] = [];
  /** Those of `sendDelayed` that nobody has taken or removed. */
  readonly delayed: WakeUp[] = [];
  /** Messages in the poison queue. */
  poisoned = 0;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async poisonedCount() {
    return this.poisoned;
  }

  async send(hub: string, delayMs: number) {
    this.sent.push({ hub, dueMs: this.clock.elapsedMs() + delayMs });
  }

  async waiting() {
    const visible = [...this.sent, ...this.delayed].filter(({ dueMs }) => dueMs <= this.clock.elapsedMs());
    return { hubs: visible.slice(0, 32).map(({ hub }) => hub), complete: visible.length < 32 };
  }

  async sendDelayed(hub: string, delayMs: number) {
    const wakeUp = { hub, dueMs: this.clock.elapsedMs() + delayMs };
    this.delayed.push(wakeUp);
    return {
      move: async (fromNowMs: number) => {
        if (!this.delayed.includes(wakeUp)) return false;
        wakeUp.dueMs = this.clock.elapsedMs() + fromNowMs;
        return true;
      },
      remove: async () => {
        if (this.delayed.includes(wakeUp)) this.delayed.splice(this.delayed.indexOf(wakeUp), 1);
      },
    };
  }

  /** Takes the wake-up that is due first, as a receiver does; undefined if none is due by `byMs`. */
  take(byMs = Number.POSITIVE_INFINITY): WakeUp | undefined {
    const [first] = [...this.sent, ...this.delayed].sort((one, other) => one.dueMs - other.dueMs);
    if (!first || first.dueMs > byMs) return undefined;
    for (const list of [this.sent, this.delayed]) {
      if (list.includes(first)) list.splice(list.indexOf(first), 1);
    }
    first.taken = (first.taken ?? 0) + 1;
    return first;
  }

  /** A message that was taken and not deleted is shown again after `delayMs`. */
  putBack(wakeUp: WakeUp, delayMs: number): void {
    wakeUp.dueMs = this.clock.elapsedMs() + delayMs;
    this.sent.push(wakeUp);
  }
}
