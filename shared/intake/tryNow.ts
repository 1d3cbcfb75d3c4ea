import type { Clock } from '../clock.ts';
import { HubError } from '../hub/hubError.ts';
import type { IntakeBucket } from '../hub/intakeBucket.ts';
import type { Registry } from '../hub/registry.ts';
import { LimitedError } from './limitedError.ts';
import { registryUntil } from './registryUntil.ts';

/** How long a door waits for the hub in all (design section 5); Event Grid gives up after 30 s (delivery and retry page). */
const tryLimitMs = 5_000;

export interface Intake {
  /** The hub's name. */
  hub: string;
  registry: Registry;
  bucket: IntakeBucket;
  clock: Clock;
}

/**
 * Serves one device from the doors' small bucket: one try, five seconds. `work` gets a registry that starts no further
 * call once time is up, and the signal that says so. Throws `LimitedError` when the bucket has no place, `HubError` of
 * kind `unavailable` when time is up (what was sent may still take effect), else what the hub said. Work that was given
 * up keeps its place until its last call ends, so a hub that hangs is not asked by more than five at once.
 */
export async function tryNow<T>(
  { hub, registry, bucket, clock }: Intake,
  cost: number,
  work: (registry: Registry, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const place = bucket.tryEnter(cost);
  if (!place) throw new LimitedError(hub, bucket.retryAfterMs(cost));
  const done = new AbortController();
  const timeUp = new AbortController();
  const working = inPlace(place, () => work(registryUntil(registry, timeUp.signal), timeUp.signal));
  const giveUp = clock.sleep(tryLimitMs, done.signal).then(
    () => {
      timeUp.abort(new HubError(hub, 'reconcile at once', { kind: 'unavailable', code: 'IntakeTimeLimit' }));
      throw timeUp.signal.reason;
    },
    () => new Promise<never>(() => {}), // the work was done first, and its result is what counts
  );
  try {
    return await Promise.race([working, giveUp]);
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
