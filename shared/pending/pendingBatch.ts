import { concurrently } from '../concurrently.ts';
import type { PendingDevice, PendingDevices, PendingMessage, WakeUps } from '../storage/queues.ts';

/** Delays before each retry of a device that is not settled: a new identity may take seconds to become readable. */
const retryDelaysMs = [5_000, 15_000, 60_000, 300_000];
/** Delay after a failure that is not the device's own. */
const transientDelayMs = 30_000;
/** A stopping process has 4.5 s in all, and the checkpoint comes after these. */
const putBackConcurrency = 16;
/** How long taken messages are hidden from other workers: longer than a batch takes. */
const hiddenMs = 300_000;

/** One device of a batch, with all messages that name it. */
export interface PendingEntry extends PendingDevice {
  /** The largest number of tries of its messages. */
  tries: number;
  messages: readonly PendingMessage[];
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
        return [deviceId, { deviceId, tries, messages: copies, ...(origin ? { origin } : {}) }];
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

  /** Removes the device from the queue. */
  async remove(entry: PendingEntry): Promise<void> {
    for (const message of entry.messages) await this.pending.remove(this.hub, message);
    this.remaining.delete(entry.deviceId);
  }

  /** Puts the device back with a delay and one more try; after its last try does nothing and returns false. */
  async retryLater(entry: PendingEntry): Promise<boolean> {
    const delayMs = retryDelaysMs[entry.tries];
    if (delayMs === undefined) return false;
    await this.putBack(entry, entry.tries + 1, delayMs);
    await this.wakeUps.send(this.hub, delayMs);
    return true;
  }

  /** Puts the device back for 30 s; does not count as a try. */
  async retryAfterTransientFailure(entry: PendingEntry): Promise<void> {
    await this.putBack(entry, entry.tries, transientDelayMs);
    await this.wakeUps.send(this.hub, transientDelayMs);
  }

  /** Makes all remaining devices visible to the next worker at once. */
  async putBackAll(): Promise<void> {
    await concurrently(this.entries(), putBackConcurrency, (entry) => this.putBack(entry, entry.tries, 0));
  }

  /** Keeps one message of the device and removes its duplicates. */
  private async putBack({ deviceId, messages, origin }: PendingEntry, tries: number, delayMs: number): Promise<void> {
    const [kept, ...others] = messages;
    if (kept) await this.pending.putBack(this.hub, kept, { deviceId, tries, ...(origin ? { origin } : {}) }, delayMs);
    for (const message of others) await this.pending.remove(this.hub, message);
    this.remaining.delete(deviceId);
  }
}
