import type { Tier } from '../../../shared/config/config.ts';
import type { HubRefusal } from '../wire/hubRefusal.ts';
import { messageQuotaExceeded } from '../wire/refusals.ts';

const dayMs = 86_400_000;
const freeChunkBytes = 512;
const chunkBytes = 4096;

/**
 * The daily message quota. Microsoft's "IoT Hub billing" charges twin reads, twin writes and queries by the size of the
 * result, each begun 4 KB as a message (0.5 KB on the free tier); the quota is whole again at midnight UTC.
 */
export class DailyMessageQuota {
  private readonly hubName: string;
  private readonly bytesPerMessage: number;
  /** Infinity when the quota is counted but not kept. */
  private readonly maxMessages: number;
  private day = 0;
  private used = 0;
  private total = 0;

  constructor(hubName: string, tier: Tier, maxMessages: number) {
    this.hubName = hubName;
    this.bytesPerMessage = tier === 'F1' ? freeChunkBytes : chunkBytes;
    this.maxMessages = maxMessages;
  }

  /** Throws the hub's 403 if the day's messages are used up. The request that uses the last ones is still served. */
  requireLeft(nowMs: number): void {
    const used = this.usedToday(nowMs);
    if (used >= this.maxMessages) throw this.refusal(used);
  }

  /** Counts a result of `bytes`; even an empty one is a message. */
  charge(bytes: number, nowMs: number): void {
    const messages = Math.max(1, Math.ceil(bytes / this.bytesPerMessage));
    this.used = this.usedToday(nowMs) + messages;
    this.total += messages;
  }

  usedToday(nowMs: number): number {
    const day = Math.floor(nowMs / dayMs);
    if (day !== this.day) this.used = 0;
    this.day = day;
    return this.used;
  }

  /** Since the emulator started, over all days. */
  get usedInAll(): number {
    return this.total;
  }

  private refusal(used: number): HubRefusal {
    return messageQuotaExceeded(this.hubName, this.maxMessages, used);
  }
}
