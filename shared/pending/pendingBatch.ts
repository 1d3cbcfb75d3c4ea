import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import type { PendingDevice, PendingDevices, PendingMessage, WakeUps } from '../storage/queues.ts';

/** Delays before each retry of a device that is missing: a new identity may take seconds to become readable. */
export const missingDelaysMs: readonly number[] = [5_000, 15_000, 60_000, 300_000];
/** How many devices are put back at the same time: a stopping process has 4.5 s in all, and the checkpoint follows. */
const putBackConcurrency = 16;
/**
 * How long taken messages are hidden, and how often that is renewed while the batch is worked on. When a worker dies, its
 * lease lasts for another 45 s or more; the worker that follows then finds the messages of the dead worker visible again.
 */
const hiddenMs = 45_000;
const renewEveryMs = 15_000;

/** One device of a batch, with all messages that name it. */
export interface PendingEntry extends PendingDevice {
  /** The largest number of tries of its messages. */
  tries: number;
  messages: readonly PendingMessage[];
  /** A call under way that keeps the messages hidden longer; it changes their receipts. */
  renewing?: Promise<void>;
  /** Whether the device is being removed or put back. */
  isLeaving?: boolean;
}

/** Pending messages that a worker has taken, by device. Each must be removed or put back before the slice ends. */
export class PendingBatch {
  private readonly hub: string;
  private readonly pending: PendingDevices;
  private readonly wakeUps: WakeUps;
  private readonly remaining: Map<string, PendingEntry>;

  private constructor(hub: string, stores: { pending: PendingDevices; wakeUps: WakeUps }, messages: PendingMessage[]) {
    this.hub = hub;
    this.pending = stores.pending;
    this.wakeUps = stores.wakeUps;
    this.remaining = new Map(
      [...Map.groupBy(messages, ({ deviceId }) => deviceId)].map(([deviceId, copies]) => {
        const tries = Math.max(...copies.map((copy) => copy.tries));
        const origin = copies.find((copy) => copy.origin)?.origin;
        // The device counts as new unless every message is a repair: for a new device all modules are created.
        const repair = copies.every((copy) => copy.repair) ? { repair: true as const } : {};
        return [deviceId, { deviceId, tries, messages: copies, ...repair, ...(origin ? { origin } : {}) }];
      }),
    );
  }

  /** Takes up to `max` messages; undefined if none is due. */
  static async take(
    hub: string,
    stores: { pending: PendingDevices; wakeUps: WakeUps },
    max: number,
  ): Promise<PendingBatch | undefined> {
    const messages: PendingMessage[] = [];
    while (messages.length < max) {
      const taken = await stores.pending.take(hub, max - messages.length, hiddenMs);
      if (taken.length === 0) break;
      messages.push(...taken);
    }
    return messages.length === 0 ? undefined : new PendingBatch(hub, stores, messages);
  }

  /** The devices that are neither removed nor put back yet. */
  entries(): PendingEntry[] {
    return [...this.remaining.values()];
  }

  /** Resolves or rejects as `work`, and keeps the remaining messages hidden meanwhile. */
  async hiddenDuring<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
    const done = new AbortController();
    const renewing = this.renewUntil(clock, done.signal);
    try {
      return await work();
    } finally {
      done.abort();
      await renewing;
    }
  }

  private async renewUntil(clock: Clock, done: AbortSignal): Promise<void> {
    while (await sleptUntil(clock, renewEveryMs, done)) {
      await concurrently(this.entries(), putBackConcurrency, async (entry) => {
        if (entry.isLeaving || done.aborted) return;
        entry.renewing = this.renew(entry);
        await entry.renewing;
      });
    }
  }

  /** Never rejects: a message that is shown too early is read a second time, and its device is unchanged then. */
  private async renew(entry: PendingEntry): Promise<void> {
    const renewed = entry.messages.map(async (message) => {
      const kept = await this.pending.keepHidden(this.hub, message, hiddenMs).catch(() => undefined);
      return kept ?? message;
    });
    entry.messages = await Promise.all(renewed);
  }

  private async leave(entry: PendingEntry): Promise<void> {
    entry.isLeaving = true;
    await entry.renewing;
  }

  /** Removes the device from the queue. */
  async remove(entry: PendingEntry): Promise<void> {
    await this.leave(entry);
    for (const message of entry.messages) await this.pending.remove(this.hub, message);
    this.remaining.delete(entry.deviceId);
  }

  /** Puts the device back with a delay and one more try; after its last try does nothing and returns false. */
  async retryLater(entry: PendingEntry, delaysMs: readonly number[]): Promise<boolean> {
    const delayMs = delaysMs[entry.tries];
    if (delayMs === undefined) return false;
    await this.putBack(entry, entry.tries + 1, delayMs);
    await this.wakeUps.send(this.hub, delayMs);
    return true;
  }

  /** Makes all remaining devices visible to the next worker at once. */
  async putBackAll(): Promise<void> {
    await concurrently(this.entries(), putBackConcurrency, (entry) => this.putBack(entry, entry.tries, 0));
  }

  /** Keeps one message of the device and removes its duplicates. */
  private async putBack(entry: PendingEntry, tries: number, delayMs: number): Promise<void> {
    await this.leave(entry);
    const { deviceId, messages, repair, origin } = entry;
    const device = { deviceId, tries, ...(repair ? { repair } : {}), ...(origin ? { origin } : {}) };
    const [kept, ...others] = messages;
    if (kept) await this.pending.putBack(this.hub, kept, device, delayMs);
    for (const message of others) await this.pending.remove(this.hub, message);
    this.remaining.delete(deviceId);
  }
}

/** False if `signal` was aborted before the time was over. */
async function sleptUntil(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await clock.sleep(ms, signal);
    return true;
  } catch (error) {
    if (!signal.aborted) throw error;
    return false;
  }
}
