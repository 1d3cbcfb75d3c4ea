import { withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { aroundEachCall } from '../hub/aroundEachCall.ts';
import { HubError } from '../hub/hubError.ts';
import type { IntakeBucket } from '../hub/intakeBucket.ts';
import type { Registry } from '../hub/registry.ts';

/** The hub's intake bucket had too few tokens or slots, so no call was sent. */
export class LimitedError extends HubError {
  /** Milliseconds until a retry may succeed (`IntakeBucket.retryAfterMs`). */
  readonly retryAfterMs: number;

  constructor(hub: string, retryAfterMs: number) {
    super(hub, 'reconcile at once', { kind: 'limited' });
    this.retryAfterMs = retryAfterMs;
  }
}

/** For all calls of one try together. With the storage calls of `admitDevice` it must stay under Event Grid's 30 s. */
const tryLimitMs = 5_000;

/** What one try needs. */
export interface Intake {
  /** The hub's name. */
  hub: string;
  registry: Registry;
  bucket: IntakeBucket;
  clock: Clock;
}

/**
 * Runs `work` once, within five seconds, if the intake bucket has `cost` tokens. `work` gets a registry that sends no further
 * call after the time limit, and the signal that is aborted then. Throws `LimitedError` if the bucket has too few tokens or
 * slots, `HubError` of kind `unavailable` after the time limit (calls that were sent may still take effect), else what `work`
 * throws. After the time limit `work` keeps its slot until its last call ends, so a hub that does not respond never has more
 * than five calls in flight.
 */
export async function tryNow<T>(
  { hub, registry, bucket, clock }: Intake,
  cost: number,
  work: (registry: Registry, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const slot = bucket.tryAcquire(cost);
  if (!slot) throw new LimitedError(hub, bucket.retryAfterMs(cost));
  const onTimeout = () => new HubError(hub, 'reconcile at once', { kind: 'unavailable', code: 'IntakeTimeLimit' });
  return withTimeout({ limitMs: tryLimitMs, what: 'One try', clock, onTimeout }, async (signal) => {
    try {
      return await work(registryUntil(registry, signal), signal);
    } finally {
      slot.release();
    }
  });
}

/** Wraps a registry: after `signal` is aborted, new calls reject with its reason; calls in flight continue. */
function registryUntil(registry: Registry, signal: AbortSignal): Registry {
  return aroundEachCall(registry, async (_call, work) => {
    signal.throwIfAborted();
    return work();
  });
}
