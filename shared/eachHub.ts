import { withTimeout } from './abort.ts';
import type { Clock } from './clock.ts';
import { concurrently } from './concurrently.ts';

/** Number of hubs that one invocation handles at the same time; this limits its concurrent storage calls. */
const atOnce = 16;
/**
 * The longest time for one hub: enough for three storage calls with all their tries (15.5 s each: three idle timeouts of
 * `storageAgent.ts` and the retry delays of `storageClients.ts`).
 */
const longestMs = 60_000;

/**
 * Runs `work` for each hub, up to 16 at a time, within `withinMs` even if storage does not respond: the time limit for each hub
 * is 60 s, or less if there are too many hubs for that. `onFailure` gets the error or the timeout of a hub (`what` is the subject
 * of its message); the other hubs are not affected. Work that timed out is not cancelled. Rejects only if `onFailure` throws.
 */
export async function eachHub<Hub>(
  hubs: readonly Hub[],
  { clock, withinMs, what }: { clock: Clock; withinMs: number; what: string },
  work: (hub: Hub) => Promise<void>,
  onFailure: (hub: Hub, error: unknown) => void,
): Promise<void> {
  const turns = Math.max(1, Math.ceil(hubs.length / atOnce));
  const limitMs = Math.min(longestMs, Math.floor(withinMs / turns));
  await concurrently(hubs, atOnce, async (hub) => {
    try {
      await withTimeout({ limitMs, what, clock }, () => work(hub));
    } catch (error) {
      onFailure(hub, error);
    }
  });
}
