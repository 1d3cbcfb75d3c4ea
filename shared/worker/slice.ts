import { abortable, withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import { type HubLease, LeaseLostError } from '../storage/leases.ts';

/** Why a slice ended early. `stopping`: the process was told to stop. */
export type SliceEnd = 'deadline' | 'leaseLost' | 'stopping';

/**
 * The abort reason of a slice's signals: calls and waits that are cut off because the slice ends are rejected with it. It says
 * nothing about the hub or the device.
 */
export class SliceEndedError extends Error {
  readonly end: SliceEnd;

  constructor(end: SliceEnd) {
    super(`The slice ended: ${end}.`);
    this.name = 'SliceEndedError';
    this.end = end;
  }
}

/** Whether a slice ended at its deadline, after which calls in flight have the grace period. */
export function isDeadline(error: unknown): boolean {
  return error instanceof SliceEndedError && error.end === 'deadline';
}

/** Whether work of a slice ended because another worker may hold the lease. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof LeaseLostError || (error instanceof SliceEndedError && error.end === 'leaseLost');
}

/** The signals of a slice. Each is aborted with its own `SliceEndedError`. */
export interface SliceSignals {
  /** The slice has ended: start no new call. */
  ended: AbortSignal;
  /** The slice must end within three seconds, since its lease is lost or the process stops. May follow the deadline. */
  urgent: AbortSignal;
  /** The grace period after `ended` is over: stop waiting for calls in flight. */
  cutOff: AbortSignal;
  /** Lease lost or in doubt: stop all writes. May follow another end. */
  leaseLost: AbortSignal;
  /** Await it before each call to the hub: resolves when the lease was renewed in time. Rejects with the reason of `ended`. */
  untilRenewed(): Promise<void>;
}

/** Times and signals that limit a slice. */
export interface SliceOptions {
  clock: Clock;
  /** Time until the deadline of the slice. */
  sliceMs: number;
  leaseDurationMs: number;
  /** `clock.elapsedMs()` just before the lease was requested: the lease is valid for at least `leaseDurationMs` from then. */
  leasedAtMs: number;
  /** Grace period for calls in flight after the deadline. */
  responseGraceMs: number;
  /** Aborted when the process is told to stop. */
  stopping: AbortSignal;
  /** Called after each renewal of the lease; renewals do not wait for it. */
  onRenewed?: () => void;
}

/** Renewals per lease duration, so that one failed renewal does not lose the lease. */
const renewalsPerLease = 4;
/**
 * While a renewal is overdue by this time, no call is sent. The next worker does not know what this one has spent. It begins some
 * 35 s or more after this worker's last call, so that both together keep to the grant of a minute.
 */
const overdueAfterMs = 5_000;
const renewalPollMs = 500;
/** Delay of the next renewal after a failed one. It is short, because calls may wait for the renewal. */
const retryRenewalMs = 2_000;
/** The slice ends this long before the lease may expire, so that calls in flight end in time too. */
const leaseMarginMs = 5_000;

/**
 * Grace period for calls in flight after a lost lease or a stop: a stopping process has 5 s in all (WorkerConstants in the
 * Functions host). The next slice looks up calls without a response.
 */
const stopGraceMs = 3_000;

/**
 * Runs `work` while the lease is held. The slice ends at the deadline, when the lease is lost or in doubt, or when the process
 * is told to stop; calls in flight then get a grace period. Resolves or rejects as `work` does.
 */
export async function runSlice<T>(
  lease: HubLease,
  options: SliceOptions,
  work: (signals: SliceSignals) => Promise<T>,
): Promise<T> {
  const { clock, sliceMs, responseGraceMs, stopping, leaseDurationMs, onRenewed } = options;
  const [ended, urgent] = [new AbortController(), new AbortController()];
  const [cutOff, leaseLost] = [new AbortController(), new AbortController()];
  const finished = new AbortController();
  const timers: Promise<void>[] = [];
  const afterTimer = (timer: Promise<void>, then: () => void) =>
    timers.push(timer.then(then, ignoreFinished(finished.signal)));
  // The first reason is kept; a later one may still shorten the grace period.
  const end = (reason: SliceEnd) => {
    ended.abort(new SliceEndedError(reason));
    if (reason !== 'deadline') urgent.abort(new SliceEndedError(reason));
    if (reason === 'leaseLost') leaseLost.abort(new SliceEndedError(reason));
    const graceMs = reason === 'deadline' ? responseGraceMs : stopGraceMs;
    afterTimer(clock.sleep(graceMs, finished.signal), () => cutOff.abort(new SliceEndedError(reason)));
  };
  const stop = () => end('stopping');
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  afterTimer(clock.sleep(sliceMs, finished.signal), () => end('deadline'));
  let renewedAtMs = clock.elapsedMs();
  const noteRenewal = () => {
    renewedAtMs = clock.elapsedMs();
    onRenewed?.();
  };
  const renewing = renewUntilLost(lease, { ...options, onRenewed: noteRenewal }, finished.signal);
  afterTimer(renewing, () => end('leaseLost'));
  const overdueMs = leaseDurationMs / renewalsPerLease + overdueAfterMs;
  const untilRenewed = async () => {
    while (clock.elapsedMs() - renewedAtMs > overdueMs) await clock.sleep(renewalPollMs, ended.signal);
  };
  try {
    return await work({
      ended: ended.signal,
      urgent: urgent.signal,
      cutOff: cutOff.signal,
      leaseLost: leaseLost.signal,
      untilRenewed,
    });
  } finally {
    stopping.removeEventListener('abort', stop);
    finished.abort(new SliceEndedError('deadline'));
    await Promise.all(timers);
  }
}

/** Renews the lease; resolves when it is lost, or about to expire because storage does not respond. */
async function renewUntilLost(lease: HubLease, options: SliceOptions, finished: AbortSignal): Promise<void> {
  const { clock, leaseDurationMs, leasedAtMs, onRenewed } = options;
  let heldUntilMs = leasedAtMs + leaseDurationMs - leaseMarginMs;
  let pauseMs = leaseDurationMs / renewalsPerLease;
  for (;;) {
    await clock.sleep(Math.min(pauseMs, heldUntilMs - clock.elapsedMs()), finished);
    const sentAtMs = clock.elapsedMs();
    const renewed = await renewBefore(heldUntilMs, lease, clock, finished);
    if (renewed === 'lost' || (renewed === 'unknown' && clock.elapsedMs() >= heldUntilMs)) return;
    pauseMs = renewed === 'renewed' ? leaseDurationMs / renewalsPerLease : retryRenewalMs;
    if (renewed !== 'renewed') continue;
    heldUntilMs = sentAtMs + leaseDurationMs - leaseMarginMs;
    onRenewed?.();
  }
}

/** One renewal, which ends at `untilMs` even if storage does not respond. Rejects when the slice has finished. */
async function renewBefore(
  untilMs: number,
  lease: HubLease,
  clock: Clock,
  finished: AbortSignal,
): Promise<'renewed' | 'lost' | 'unknown'> {
  const limit = { limitMs: untilMs - clock.elapsedMs(), what: 'A lease renewal', clock };
  try {
    await withTimeout(limit, (signal) => abortable(lease.renew(AbortSignal.any([signal, finished])), finished));
    return 'renewed';
  } catch (error) {
    finished.throwIfAborted();
    return error instanceof LeaseLostError ? 'lost' : 'unknown';
  }
}

/** Ignores the abort of the timers at the slice's end; any other error is a defect and is thrown. */
function ignoreFinished(finished: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (error !== finished.reason) throw error;
  };
}
