import { withTimeout } from './abort.ts';
import type { Clock } from './clock.ts';
import { concurrently } from './concurrently.ts';

/** Hubs that one invocation handles at the same time: its storage calls are small, and one process has at most so many at once. */
const atOnce = 16;
/** The longest time for one hub: more than three storage calls with all their tries take (15.5 s each, `storageAgent.ts`). */
const longestMs = 60_000;

/**
 * Runs `work` for each hub, up to 16 at a time, so that an invocation with many hubs ends within `withinMs` even if storage does not
 * respond: each hub gets at most 60 s, and less where there are more hubs than that allows. A failure or a timeout on one
 * hub is given to `onFailure` and does not affect the others. Work that timed out is not cancelled. Never rejects unless
 * `onFailure` throws.
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
