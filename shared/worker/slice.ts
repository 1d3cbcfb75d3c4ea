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
  /** Aborted when the process is told to end. */
  stopping: AbortSignal;
}

/** Renewed so often in a lease's duration, so that one failed renewal loses nothing. */
const renewalsPerLease = 4;

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

/** Renews the lease until it is lost, or until it may have run out because storage did not answer. */
async function keepLease(
  lease: HubLease,
  { clock, leaseDurationMs }: SliceOptions,
  signal: AbortSignal,
): Promise<void> {
  let heldUntilMs = clock.now() + leaseDurationMs;
  const everyMs = leaseDurationMs / renewalsPerLease;
  for (;;) {
    await clock.sleep(everyMs, signal);
    const askedAtMs = clock.now();
    try {
      await lease.renew();
      heldUntilMs = askedAtMs + leaseDurationMs;
    } catch (error) {
      if (error instanceof LeaseLostError) return;
      // Storage trouble: the lease still holds until it runs out, and the next renewal must come before that.
      if (clock.now() + everyMs >= heldUntilMs) return;
    }
  }
}

/** The slice is over, so its timers were ended on purpose; anything else is a defect and must be seen. */
function ignoreEnd(finished: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (error !== finished.reason) throw error;
  };
}
