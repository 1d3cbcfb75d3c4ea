import type { Tier } from '../../../shared/config/config.ts';
import type { HubRefusal } from '../wire/hubRefusal.ts';
import { messageQuotaExceeded } from '../wire/refusals.ts';

const dayMs = 86_400_000;
const freeChunkBytes = 512;
const chunkBytes = 4096;

/**
 * The daily message quota. According to Microsoft's "IoT Hub billing", twin reads, twin writes and queries cost one
 * message for every 4 KB of the result, rounded up (0.5 KB on the free tier); the quota resets at midnight UTC.
 */
export class DailyMessageQuota {
  private readonly hubName: string;
  private readonly bytesPerMessage: number;
  /** Infinity if the quota is counted but not enforced. */
  private readonly maxMessages: number;
  private day = 0;
  private used = 0;
  private total = 0;

  constructor(hubName: string, tier: Tier, maxMessages: number) {
    this.hubName = hubName;
    this.bytesPerMessage = tier === 'F1' ? freeChunkBytes : chunkBytes;
    this.maxMessages = maxMessages;
  }

  /** Throws the hub's 403 if the day's quota is used up. The request that uses the last messages is still served. */
  requireLeft(nowMs: number): void {
    const used = this.usedToday(nowMs);
    if (used >= this.maxMessages) throw this.refusal(used);
  }

  /** Charges a result of `bytes`; an empty one costs one message. */
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

  /** Messages charged since the emulator started. */
  get usedInAll(): number {
    return this.total;
  }

  private refusal(used: number): HubRefusal {
    return messageQuotaExceeded(this.hubName, this.maxMessages, used);
  }
}
