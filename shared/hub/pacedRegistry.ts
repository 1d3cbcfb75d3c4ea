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

/** What a `pacedRegistry` needs. */
export interface Pace {
  budgets: HubBudgets;
  /** The priority of its calls if a sweep and single devices wait for the same budget. */
  priority: Priority;
  outage: HubOutage;
  clock: Clock;
  random: Random;
  /** When it is aborted, every wait before a call rejects with its reason. */
  signal: AbortSignal;
  /** When it is aborted, every wait before another try rejects with its reason. Default: `signal`. */
  retrySignal?: AbortSignal;
  /** When aborted, calls in flight reject with its reason; the hub may still execute them. */
  cutOff: AbortSignal;
  /** Called before every attempt; if it throws, the call is not sent and fails with that error. */
  beforeCall(call: Pick<HubCall, 'moduleIds'>): Promise<void>;
  /** Called with the reason before each wait for the hub, and with `undefined` after each successful or refused call. */
  onWaiting(reason: string | undefined): Promise<void>;
  /** Called after each wait that followed a throttled response. */
  onThrottled?(operationClass: OperationClass, waitedMs: number): void;
}

/** Tries of a read about one device, if the hub serves others. */
const readTries = 3;
/** Tries of a read about the whole hub that is refused as `invalid`: a 400 to such a call was observed to pass. */
const refusalTries = 3;

/**
 * The worker's registry, and the only layer that retries. Before every attempt it waits until an outage of the hub ends and the
 * budget has room. A throttled response halves the rate, and the call is retried. If the hub is `unavailable`, it retries a read
 * about the whole hub until it succeeds, and tries a read about one device three times if the hub serves others; it throws the
 * error of a change, because only the caller can look up whether the change was made. An optional call gets one try.
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
          await waitOutThrottling(pace, call, attempt, error);
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

/** Waits until the call may be sent, and spends its cost. Resolves with the time of sending. */
async function send({ outage, budgets, signal, priority, beforeCall, clock }: Pace, call: HubCall): Promise<number> {
  await outage.untilServed(signal);
  const spend = await budgets[call.operationClass].take(call.cost, signal, priority);
  await beforeCall(call); // may take time; `spend` then records the time of sending
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
    // A refusal is a response too: the hub has no outage.
    if (isHubError(error) && error.kind !== 'unavailable') {
      call.onInFlight?.(false);
      pace.outage.served();
      if (error.kind === 'throttled') pace.budgets[call.operationClass].slowDown(sentAtMs);
      else await pace.onWaiting(undefined);
    }
    throw error;
  }
}

async function waitOutThrottling(
  { clock, random, signal, retrySignal = signal, onWaiting, onThrottled }: Pace,
  { operationClass }: HubCall,
  attempt: number,
  error: HubError,
): Promise<void> {
  await onWaiting(error.message);
  const waitStartMs = clock.elapsedMs();
  try {
    await clock.sleep(retryDelayMs(throttledDelayMs, attempt, random), retrySignal);
  } finally {
    onThrottled?.(operationClass, clock.elapsedMs() - waitStartMs);
  }
}
