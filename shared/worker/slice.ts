import type { Clock } from '../clock.ts';
import { type HubLease, LeaseLostError } from '../storage/leases.ts';

export type SliceEnd = 'deadline' | 'leaseLost' | 'stopping';

/** Ends what one invocation of the worker does, wherever it is. Nothing went wrong with a hub or a device. */
export class SliceEndedError extends Error {
  readonly end: SliceEnd;

  constructor(end: SliceEnd) {
    super(`The slice ended: ${end}.`);
    this.name = 'SliceEndedError';
    this.end = end;
  }
}

export function throwIfEndedBy(end: SliceEnd, signal: AbortSignal): void {
  if (signal.reason instanceof SliceEndedError && signal.reason.end === end) throw signal.reason;
}

export interface SliceOptions {
  clock: Clock;
  /** How long the slice may last. */
  sliceMs: number;
  leaseDurationMs: number;
  /** Before the lease was asked for: it holds at least `leaseDurationMs` from here on. */
  leasedAtMs: number;
  /** Aborted when the process is told to end. */
  stopping: AbortSignal;
}

/** Renewed so often in a lease's duration, so that one failed renewal loses nothing. */
const renewalsPerLease = 4;
/** Work ends so long before the lease may run out, so that what is under way ends in time too. */
const leaseMarginMs = 5_000;

/**
 * Runs `work` while the lease is held, at most until the deadline. `signal` is aborted with a `SliceEndedError` at the
 * deadline, when the lease is lost or may be, and when the process is told to end.
 */
export async function runSlice<T>(
  lease: HubLease,
  options: SliceOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, sliceMs, stopping } = options;
  const ended = new AbortController();
  const finished = new AbortController();
  const end = (reason: SliceEnd) => ended.abort(new SliceEndedError(reason));
  const stop = () => end('stopping');
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  const timers = [
    clock.sleep(sliceMs, finished.signal).then(() => end('deadline'), ignoreEnd(finished.signal)),
    keepLease(lease, options, finished.signal).then(() => end('leaseLost'), ignoreEnd(finished.signal)),
  ];
  try {
    return await work(ended.signal);
  } finally {
    stopping.removeEventListener('abort', stop);
    finished.abort(new SliceEndedError('deadline'));
    await Promise.all(timers);
  }
}

/** Renews the lease; returns when it is lost, or soon may be because storage does not answer. */
async function keepLease(lease: HubLease, options: SliceOptions, finished: AbortSignal): Promise<void> {
  const { clock, leaseDurationMs, leasedAtMs } = options;
  let heldUntilMs = leasedAtMs + leaseDurationMs - leaseMarginMs;
  for (;;) {
    await clock.sleep(Math.min(leaseDurationMs / renewalsPerLease, heldUntilMs - clock.now()), finished);
    const askedAtMs = clock.now();
    const renewed = await renewBefore(heldUntilMs, lease, clock, finished);
    if (renewed === 'lost' || (renewed === 'unknown' && clock.now() >= heldUntilMs)) return;
    if (renewed === 'renewed') heldUntilMs = askedAtMs + leaseDurationMs - leaseMarginMs;
  }
}

/** One renewal that never outlasts the lease, however long storage takes. Rejects when the slice has finished. */
async function renewBefore(
  limitMs: number,
  lease: HubLease,
  clock: Clock,
  finished: AbortSignal,
): Promise<'renewed' | 'lost' | 'unknown'> {
  const answered = new AbortController();
  const signal = AbortSignal.any([answered.signal, finished]);
  const renewal = lease.renew(signal).then(
    () => 'renewed' as const,
    (error: unknown) => (error instanceof LeaseLostError ? 'lost' : 'unknown'),
  );
  const limit = clock.sleep(limitMs - clock.now(), signal).then(
    () => 'unknown' as const,
    () => 'unknown' as const,
  );
  const result = await Promise.race([renewal, limit]);
  answered.abort();
  finished.throwIfAborted();
  return result;
}

/** The slice is over, so its timers were ended on purpose; anything else is a defect and must be seen. */
function ignoreEnd(finished: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (error !== finished.reason) throw error;
  };
}
