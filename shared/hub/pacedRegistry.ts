import { abortable } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
import { aroundEachCall } from './aroundEachCall.ts';
import type { HubBudgets, OperationClass } from './hubBudgets.ts';
import { isHubError } from './hubError.ts';
import type { Registry } from './registry.ts';
import { retryDelayMs } from './retryDelay.ts';

/** The text of a throttled response says "Wait 10 seconds and try again."; hubs send no Retry-After. */
const throttledDelayMs = 10_000;
const firstRetryDelayMs = 1_000;

/** How a `pacedRegistry` waits, and whom it informs. */
export interface Pace {
  budgets: HubBudgets;
  clock: Clock;
  random: Random;
  /** Ends every wait before a call, with the signal's reason. */
  signal: AbortSignal;
  /** When aborted, calls in flight reject with its reason; the hub may still execute them. */
  cutOff: AbortSignal;
  /** Called before every attempt; if it throws, the call is not sent and the error is passed on. */
  beforeCall(): Promise<void>;
  /** Called with the reason before each wait for the hub, and with `undefined` after each successful or refused call. */
  onWaiting(reason: string | undefined): Promise<void>;
  /** Called after each wait that followed a throttled response. */
  onThrottled?(operationClass: OperationClass, waitedMs: number): void;
}

/**
 * The worker's registry, and the only layer that retries. Every attempt waits for its budget first. A throttled call is
 * retried at half the rate; a read that concerns the whole hub is retried while the hub is unavailable. `unavailable` for
 * single devices is thrown, because only the caller can postpone a device or look up whether its change was made.
 */
export function pacedRegistry(registry: Registry, pace: Pace): Registry {
  return aroundEachCall(registry, async ({ operationClass, cost, concernsWholeHub }, work) => {
    const { budgets, clock, random, signal, cutOff } = pace;
    const budget = budgets[operationClass];
    for (let attempt = 0; ; attempt++) {
      const send = await budget.take(cost, signal);
      await pace.beforeCall(); // may take time, so the spending is dated by `send`
      send();
      const sentAtMs = clock.now();
      try {
        const result = await abortable(work(), cutOff);
        budget.recordResponseTime(clock.now() - sentAtMs);
        await pace.onWaiting(undefined);
        return result;
      } catch (error) {
        const throttled = isHubError(error, 'throttled');
        const unavailable = isHubError(error, 'unavailable');
        // Any other refusal is a response too: the wait for the hub is over.
        if (isHubError(error) && !throttled && !unavailable) await pace.onWaiting(undefined);
        if (!throttled && !(concernsWholeHub && unavailable)) throw error;
        if (throttled) budget.slowDown(sentAtMs);
        await pace.onWaiting(error.message);
        const waitStartMs = clock.now();
        try {
          await clock.sleep(retryDelayMs(throttled ? throttledDelayMs : firstRetryDelayMs, attempt, random), signal);
        } finally {
          if (throttled) pace.onThrottled?.(operationClass, clock.now() - waitStartMs);
        }
      }
    }
  });
}
