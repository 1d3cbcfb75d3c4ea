import { abortable } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
import { aroundEachCall, type HubCall } from './aroundEachCall.ts';
import type { HubBudgets, OperationClass } from './hubBudgets.ts';
import { type HubError, isHubError } from './hubError.ts';
import type { HubOutage } from './hubOutage.ts';
import type { Registry } from './registry.ts';
import { retryDelayMs } from './retryDelay.ts';
import type { Priority } from './turnQueue.ts';

/** The text of a throttled response says "Wait 10 seconds and try again."; hubs send no Retry-After. */
const throttledDelayMs = 10_000;
const firstRetryDelayMs = 1_000;

/** How a `pacedRegistry` waits, and whom it informs. */
export interface Pace {
  budgets: HubBudgets;
  /** The priority if a sweep and single devices wait for the same budget. */
  priority: Priority;
  outage: HubOutage;
  clock: Clock;
  random: Random;
  /** Ends every wait before a call, with the signal's reason. */
  signal: AbortSignal;
  /** Ends every wait before another try, with its reason; by default `signal`. */
  retrySignal?: AbortSignal;
  /** When aborted, calls in flight reject with its reason; the hub may still execute them. */
  cutOff: AbortSignal;
  /** Called before every attempt; if it throws, the call is not sent and the error is passed on. */
  beforeCall(call: Pick<HubCall, 'moduleIds'>): Promise<void>;
  /** Called with the reason before each wait for the hub, and with `undefined` after each successful or refused call. */
  onWaiting(reason: string | undefined): Promise<void>;
  /** Called after each wait that followed a throttled response. */
  onThrottled?(operationClass: OperationClass, waitedMs: number): void;
}

/** A read about a device is repeated this often before its failure counts as the device's own. */
const readTries = 3;
/** A refusal of a call that is about no device may pass (a 400 was seen to); it is believed when it is repeated. */
const refusalTries = 3;

/**
 * The worker's registry, and the only layer that retries. Every attempt waits for its budget first, and in an outage of the
 * hub until that is over. A throttled call is retried at half the rate. An unavailable read is retried: about the whole hub
 * until it is served, about a device three times while the hub serves others. An unavailable change is thrown, because only
 * the caller can look up whether it was made. An optional call gets one try.
 */
export function pacedRegistry(registry: Registry, pace: Pace): Registry {
  return aroundEachCall(registry, async (call, work) => {
    const { outage, clock, random, signal: callSignal, retrySignal: signal = callSignal } = pace;
    let refusals = 0;
    let ownFailures = 0;
    for (let attempt = 0; ; attempt++) {
      const sentAtMs = await send(pace, call);
      try {
        return await received(pace, call, sentAtMs, work);
      } catch (error) {
        if (!isHubError(error) || call.optional) throw error;
        const unavailable = error.kind === 'unavailable';
        if (error.kind === 'throttled') {
          await waitOutThrottling(pace, call, sentAtMs, attempt, error);
        } else if (unavailable && !(await outage.isOwnFailure(sentAtMs))) {
          if (call.isChange) throw error;
        } else if (unavailable && call.concernsWholeHub) {
          await pace.onWaiting(error.message);
          await clock.sleep(retryDelayMs(firstRetryDelayMs, attempt, random), signal);
        } else if (unavailable && !call.isChange && ++ownFailures < readTries) {
          await clock.sleep(retryDelayMs(firstRetryDelayMs, ownFailures - 1, random), signal);
        } else if (error.kind === 'invalid' && call.concernsWholeHub && ++refusals < refusalTries) {
          await clock.sleep(retryDelayMs(firstRetryDelayMs, refusals - 1, random), signal);
        } else {
          throw error;
        }
      }
    }
  });
}

/** Resolves with the time at which the call may be sent, its cost spent. */
async function send({ outage, budgets, signal, priority, beforeCall, clock }: Pace, call: HubCall): Promise<number> {
  await outage.untilServed(signal);
  const spend = await budgets[call.operationClass].take(call.cost, signal, priority);
  await beforeCall(call); // may take time, so the spending is dated by `spend`
  call.beforeSending?.();
  spend();
  outage.sent();
  call.onInFlight?.(true);
  return clock.elapsedMs();
}

async function received<T>(pace: Pace, call: HubCall, sentAtMs: number, work: () => Promise<T>): Promise<T> {
  try {
    const result = await abortable(work(), pace.cutOff);
    pace.budgets[call.operationClass].recordResponseTime(pace.clock.elapsedMs() - sentAtMs);
    pace.outage.served();
    await pace.onWaiting(undefined);
    return result;
  } catch (error) {
    // A refusal is a response too: the wait for the hub is over.
    if (isHubError(error) && error.kind !== 'unavailable') {
      call.onInFlight?.(false);
      pace.outage.served();
      if (error.kind !== 'throttled') await pace.onWaiting(undefined);
    }
    throw error;
  }
}

async function waitOutThrottling(
  { budgets, clock, random, signal, retrySignal = signal, onWaiting, onThrottled }: Pace,
  { operationClass }: HubCall,
  sentAtMs: number,
  attempt: number,
  error: HubError,
): Promise<void> {
  budgets[operationClass].slowDown(sentAtMs);
  await onWaiting(error.message);
  const waitStartMs = clock.elapsedMs();
  try {
    await clock.sleep(retryDelayMs(throttledDelayMs, attempt, random), retrySignal);
  } finally {
    onThrottled?.(operationClass, clock.elapsedMs() - waitStartMs);
  }
}
