import { abortable, withTimeout } from '../abort.ts';
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

/** What work in a slice listens to. Each is aborted with a `SliceEndedError` of its own. */
export interface SliceSignals {
  /** The slice has ended: nothing new is begun. */
  ended: AbortSignal;
  /** What is under way has had its time, too. */
  cutOff: AbortSignal;
  /** The lease is somebody else's, or may be, whatever else has ended the slice before: nothing is written any more. */
  leaseLost: AbortSignal;
}

export interface SliceOptions {
  clock: Clock;
  /** How long the slice may last. */
  sliceMs: number;
  leaseDurationMs: number;
  /** Before the lease was asked for: it holds at least `leaseDurationMs` from here on. */
  leasedAtMs: number;
  /** How long calls under way may still take when nothing but the slice's time is over. */
  answerGraceMs: number;
  /** Aborted when the process is told to end. */
  stopping: AbortSignal;
}

/** Renewed so often in a lease's duration, so that one failed renewal loses nothing. */
const renewalsPerLease = 4;
/** Work ends so long before the lease may run out, so that what is under way ends in time too. */
const leaseMarginMs = 5_000;

/**
 * How long calls under way may still take where others wait for the end: a process that is told to end has 5 s in all (the Functions host's
 * WorkerConstants). What is not answered by then is looked up by the next slice.
 */
const hastyGraceMs = 3_000;

/**
 * Runs `work` while the lease is held, at most until the deadline. The slice ends there, when the lease is lost or may be,
 * and when the process is told to end; calls under way get some time more.
 */
export async function runSlice<T>(
  lease: HubLease,
  options: SliceOptions,
  work: (signals: SliceSignals) => Promise<T>,
): Promise<T> {
  const { clock, sliceMs, answerGraceMs, stopping } = options;
  const [ended, cutOff, leaseLost] = [new AbortController(), new AbortController(), new AbortController()];
  const finished = new AbortController();
  const timers: Promise<void>[] = [];
  const unlessFinished = (timer: Promise<void>, then: () => void) =>
    timers.push(timer.then(then, ignoreEnd(finished.signal)));
  // The first end stands; a later one may still leave what is under way less time.
  const end = (reason: SliceEnd) => {
    ended.abort(new SliceEndedError(reason));
    if (reason === 'leaseLost') leaseLost.abort(new SliceEndedError(reason));
    const graceMs = reason === 'deadline' ? answerGraceMs : hastyGraceMs;
    unlessFinished(clock.sleep(graceMs, finished.signal), () => cutOff.abort(new SliceEndedError(reason)));
  };
  const stop = () => end('stopping');
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  unlessFinished(clock.sleep(sliceMs, finished.signal), () => end('deadline'));
  unlessFinished(keepLease(lease, options, finished.signal), () => end('leaseLost'));
  try {
    return await work({ ended: ended.signal, cutOff: cutOff.signal, leaseLost: leaseLost.signal });
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
  untilMs: number,
  lease: HubLease,
  clock: Clock,
  finished: AbortSignal,
): Promise<'renewed' | 'lost' | 'unknown'> {
  const limit = { limitMs: untilMs - clock.now(), what: 'A lease renewal', clock };
  try {
    await withTimeout(limit, (signal) => abortable(lease.renew(AbortSignal.any([signal, finished])), finished));
    return 'renewed';
  } catch (error) {
    finished.throwIfAborted();
    return error instanceof LeaseLostError ? 'lost' : 'unknown';
  }
}

/** The slice is over, so its timers were ended on purpose; anything else is a defect and must be seen. */
function ignoreEnd(finished: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (error !== finished.reason) throw error;
  };
}
