import type { Clock } from '../clock.ts';
import type { WakeUps } from './queues.ts';

const secondMs = 1_000;

/**
 * Sends one wake-up in place of all those of a hub that are due within the same second. It becomes visible at the end of that
 * second: after all calls that it replaces, so no call is lost.
 */
export function coalescedWakeUps(wakeUps: WakeUps, clock: Clock): WakeUps {
  const sent = new Map<string, { dueMs: number; sending: Promise<void> }>();

  async function send(key: string, hub: string, dueMs: number): Promise<void> {
    try {
      await wakeUps.send(hub, dueMs - clock.elapsedMs());
    } catch (error) {
      sent.delete(key); // the next call sends again
      throw error;
    }
  }

  return {
    send(hub, delayMs) {
      for (const [key, { dueMs }] of sent) if (dueMs <= clock.elapsedMs()) sent.delete(key);
      const dueMs = (Math.floor((clock.elapsedMs() + delayMs) / secondMs) + 1) * secondMs;
      const key = `${hub} ${dueMs}`;
      const known = sent.get(key);
      if (known) return known.sending;
      const sending = send(key, hub, dueMs);
      sent.set(key, { dueMs, sending });
      return sending;
    },
  };
}
