import { TimeLimitError, withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { aroundEachCall } from '../hub/aroundEachCall.ts';
import { HubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import { type IntakeLimiter, slotRetryMs } from './intakeLimiter.ts';

/** The app holds itself back: no slot was free, or the grant left no operation to claim, so the call was not sent. */
export class LimitedError extends HubError {
  /** Milliseconds until a retry may succeed. */
  readonly retryAfterMs: number;
  /** The device waits in the queue of its hub, so that no retry is needed. */
  readonly pending: boolean;

  constructor(hub: string, retryAfterMs: number, pending = false) {
    super(hub, 'reconcile at once', { kind: 'limited' });
    this.retryAfterMs = retryAfterMs;
    this.pending = pending;
  }
}

/** The time limit for all calls of one try together. With the storage calls of `admitDevice` it must stay under Event Grid's 30 s. */
const tryLimitMs = 5_000;

/** What one try needs. */
export interface Intake {
  /** The hub's name. */
  hub: string;
  registry: Registry;
  limiter: IntakeLimiter;
  clock: Clock;
}

/**
 * Runs `work` once, within five seconds, if a slot is free. `work` gets a registry that claims the operations of each change
 * before it sends it, and that sends no further call after the time limit; and the signal that is aborted then. Throws
 * `LimitedError` if there is no slot or a claim is not given; after the time limit `TimeLimitError` if the storage took most of the
 * time, else `HubError` of kind `unavailable` (calls that were sent may still take effect); else what `work` throws. After the time
 * limit `work` keeps its slot until its last call ends, so a hub that does not respond never has more than five calls in flight.
 */
export async function tryNow<T>(
  { hub, registry, limiter, clock }: Intake,
  work: (registry: Registry, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const slot = limiter.enter();
  if (!slot) throw new LimitedError(hub, slotRetryMs);
  const claims = new Stopwatch(clock);
  const onTimeout = () =>
    claims.totalMs > tryLimitMs / 2
      ? new TimeLimitError('Writing the claim and calling the hub', tryLimitMs)
      : new HubError(hub, 'reconcile at once', { kind: 'unavailable', code: 'IntakeTimeLimit' });
  return withTimeout({ limitMs: tryLimitMs, what: 'One try', clock, onTimeout }, async (signal) => {
    try {
      return await work(limitedRegistry({ hub, registry, limiter, claims }, signal), signal);
    } finally {
      slot.release();
    }
  });
}

/** Sums the durations of calls; a call that has not ended counts up to the present time. */
class Stopwatch {
  private readonly clock: Clock;
  private doneMs = 0;
  private readonly startsMs = new Set<{ atMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get totalMs(): number {
    const nowMs = this.clock.elapsedMs();
    return [...this.startsMs].reduce((sum, { atMs }) => sum + nowMs - atMs, this.doneMs);
  }

  async measure<T>(call: () => Promise<T>): Promise<T> {
    const start = { atMs: this.clock.elapsedMs() };
    this.startsMs.add(start);
    try {
      return await call();
    } finally {
      this.startsMs.delete(start);
      this.doneMs += this.clock.elapsedMs() - start.atMs;
    }
  }
}

/** After `signal` is aborted, new calls reject with its reason; calls in flight continue. */
function limitedRegistry(
  { hub, registry, limiter, claims }: Omit<Intake, 'clock'> & { claims: Stopwatch },
  signal: AbortSignal,
): Registry {
  return aroundEachCall(registry, async (call, work) => {
    signal.throwIfAborted();
    if (call.isChange) {
      const claim = await claims.measure(() => limiter.claim(call.cost));
      if (!claim.given) throw new LimitedError(hub, claim.retryAfterMs);
      signal.throwIfAborted();
    }
    return work();
  });
}
