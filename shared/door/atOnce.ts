import type { Clock } from '../clock.ts';
import type { DoorBucket } from '../hub/doorBucket.ts';
import { HubError } from '../hub/hubError.ts';

/** How long a door waits for the hub in all; Event Grid gives up after 30 s (its delivery and retry page). */
const atOnceLimitMs = 5_000;

/**
 * Serves one device from the doors' small bucket: one try, five seconds. Throws `HubError`: `limited` when the bucket
 * has no place, `unavailable` when time is up (what was sent may still take effect), else what the hub said. Work that
 * was given up keeps its place until it ends, so a hub that hangs is not asked by more than five at once.
 */
export async function atOnce<T>(
  { hub, bucket, clock }: { hub: string; bucket: DoorBucket; clock: Clock },
  cost: number,
  work: () => Promise<T>,
): Promise<T> {
  const place = bucket.tryEnter(cost);
  if (!place) throw new HubError(hub, 'reconcile at once', { kind: 'limited' });
  const done = new AbortController();
  const working = inPlace(place, work);
  const timeUp = clock.sleep(atOnceLimitMs, done.signal).then(
    () => {
      throw new HubError(hub, 'reconcile at once', { kind: 'unavailable', code: 'DoorTimeLimit' });
    },
    () => new Promise<never>(() => {}), // the work was done first, and its result is what counts
  );
  try {
    return await Promise.race([working, timeUp]);
  } finally {
    done.abort();
  }
}

async function inPlace<T>(place: { leave(): void }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    place.leave();
  }
}
