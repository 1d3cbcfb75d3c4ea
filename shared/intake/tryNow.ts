import { withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { aroundEachCall } from '../hub/aroundEachCall.ts';
import { HubError } from '../hub/hubError.ts';
import type { IntakeBucket } from '../hub/intakeBucket.ts';
import type { Registry } from '../hub/registry.ts';

/** The intake held itself back, and no call was made: the hub's small bucket has no token at present. */
export class LimitedError extends HubError {
  /** How long until there is a token, if nobody else takes it first (`IntakeBucket.retryAfterMs`). */
  readonly retryAfterMs: number;

  constructor(hub: string, retryAfterMs: number) {
    super(hub, 'reconcile at once', { kind: 'limited' });
    this.retryAfterMs = retryAfterMs;
  }
}

/** For all calls of one try together; Event Grid gives up on a handler after 30 s (its delivery and retry page). */
const tryLimitMs = 5_000;

export interface Intake {
  /** The hub's name. */
  hub: string;
  registry: Registry;
  bucket: IntakeBucket;
  clock: Clock;
}

/**
 * Serves one device from the intake's small bucket: one try, five seconds. `work` gets a registry that starts no further
 * call once time is up, and the signal that says so. Throws `LimitedError` when the bucket has no token, `HubError` of
 * kind `unavailable` when time is up (what was sent may still take effect), else what the hub said. Work that was given
 * up keeps its slot until its last call ends, so a hub that hangs never gets more than five calls at once.
 */
export async function tryNow<T>(
  { hub, registry, bucket, clock }: Intake,
  cost: number,
  work: (registry: Registry, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const slot = bucket.tryEnter(cost);
  if (!slot) throw new LimitedError(hub, bucket.retryAfterMs(cost));
  const onTimeout = () => new HubError(hub, 'reconcile at once', { kind: 'unavailable', code: 'IntakeTimeLimit' });
  return withTimeout({ limitMs: tryLimitMs, what: 'One try', clock, onTimeout }, async (signal) => {
    try {
      return await work(registryUntil(registry, signal), signal);
    } finally {
      slot.leave();
    }
  });
}

/** The same registry until `signal` is aborted; then calls reject with its reason. A call under way goes on. */
function registryUntil(registry: Registry, signal: AbortSignal): Registry {
  return aroundEachCall(registry, async (_call, work) => {
    signal.throwIfAborted();
    return work();
  });
}
