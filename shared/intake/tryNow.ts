import { TimeLimitError, withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { aroundEachCall } from '../hub/aroundEachCall.ts';
import { HubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import { type IntakeLimiter, slotRetryMs } from './intakeLimiter.ts';

/** The app did not send a call: no slot was free, or it could not claim the operation within the grant. */
export class LimitedError extends HubError {
  /** Milliseconds until a retry may succeed. */
  readonly retryAfterMs: number;
  /** Whether the device waits in the pending queue of its hub, so that no retry is needed. */
  readonly pending: boolean;

  constructor(hub: string, retryAfterMs: number, pending = false) {
    super(hub, 'reconcile at once', { kind: 'limited' });
    this.retryAfterMs = retryAfterMs;
    this.pending = pending;
  }
}

/** The time limit for all calls of one try together; `admitDevice` adds it up with its other limits. */
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
 * Runs `work` once, within five seconds, if a slot is free. The registry that `work` gets claims the operations of each change
 * before the change is sent, and sends no call after the time limit; the signal is aborted at the time limit.
 *
 * Throws `LimitedError` if no slot is free or a claim is not given, and the errors of `work`. After the time limit throws
 * `TimeLimitError` if claims took most of the time, else `HubError` of kind `unavailable`; calls that were sent may still take
 * effect, and `work` keeps its slot until its last call ends, so that a hub that does not respond gets no more calls.
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

/** Sums the durations of calls; a call in flight counts until now. */
class Stopwatch {
  private readonly clock: Clock;
  private doneMs = 0;
  private readonly running = new Set<{ atMs: number }>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get totalMs(): number {
    const nowMs = this.clock.elapsedMs();
    return [...this.running].reduce((sum, { atMs }) => sum + nowMs - atMs, this.doneMs);
  }

  async measure<T>(call: () => Promise<T>): Promise<T> {
    const start = { atMs: this.clock.elapsedMs() };
    this.running.add(start);
    try {
      return await call();
    } finally {
      this.running.delete(start);
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
