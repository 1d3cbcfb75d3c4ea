import { concurrently } from '../concurrently.ts';
import type { PendingDevice, PendingDevices, PendingMessage, WakeUps } from '../storage/queues.ts';

/** A new identity may take seconds to become readable: so often, and after so long, a missing device is looked for again. */
const retryDelaysMs = [5_000, 15_000, 60_000, 300_000];
/** After trouble that was not the device's own. */
const transientDelayMs = 30_000;
/** A process that is told to end has 4.5 s for all, and its checkpoint comes after these. */
const putBackConcurrency = 16;
/** How long taken messages are hidden from others: longer than the work on a batch of them lasts. */
const hiddenMs = 300_000;

/** One device of a batch, however many messages name it. */
export interface PendingEntry extends PendingDevice {
  /** The most that any of its messages has been tried. */
  tries: number;
  messages: readonly PendingMessage[];
}

/** Pending messages that a worker has taken: each must be removed or put back before the worker leaves. */
export class PendingBatch {
  private readonly hub: string;
  private readonly pending: PendingDevices;
  private readonly wakeUps: WakeUps;
  private readonly open: Map<string, PendingEntry>;

  private constructor(hub: string, stores: { pending: PendingDevices; wakeUps: WakeUps }, messages: PendingMessage[]) {
    this.hub = hub;
    this.pending = stores.pending;
    this.wakeUps = stores.wakeUps;
    this.open = new Map(
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

  /** The devices that are neither removed nor put back. */
  entries(): PendingEntry[] {
    return [...this.open.values()];
  }

  async remove(entry: PendingEntry): Promise<void> {
    for (const message of entry.messages) await this.pending.remove(this.hub, message);
    this.open.delete(entry.deviceId);
  }

  /** False, and nothing done, when the device has been tried often enough. */
  async retryLater(entry: PendingEntry): Promise<boolean> {
    const delayMs = retryDelaysMs[entry.tries];
    if (delayMs === undefined) return false;
    await this.putBack(entry, entry.tries + 1, delayMs);
    await this.wakeUps.send(this.hub, delayMs);
    return true;
  }

  async retryAfterTransientFailure(entry: PendingEntry): Promise<void> {
    await this.putBack(entry, entry.tries, transientDelayMs);
    await this.wakeUps.send(this.hub, transientDelayMs);
  }

  /** Makes everything that is left visible to the next worker at once. */
  async putBackAll(): Promise<void> {
    await concurrently(this.entries(), putBackConcurrency, (entry) => this.putBack(entry, entry.tries, 0));
  }

  /** Keeps one message of the device, and sees to the others. */
  private async putBack({ deviceId, messages, origin }: PendingEntry, tries: number, delayMs: number): Promise<void> {
    const [kept, ...others] = messages;
    if (kept) await this.pending.putBack(this.hub, kept, { deviceId, tries, ...(origin ? { origin } : {}) }, delayMs);
    for (const message of others) await this.pending.remove(this.hub, message);
    this.open.delete(deviceId);
  }
}
