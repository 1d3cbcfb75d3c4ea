import { abortable } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
import { aroundEachCall } from './aroundEachCall.ts';
import type { HubBudgets, OperationClass } from './hubBudgets.ts';
import { isHubError } from './hubError.ts';
import type { Registry } from './registry.ts';
import { retryDelayMs } from './retryDelay.ts';

/** The hub's own words in a throttle answer: "Wait 10 seconds and try again." It sends no Retry-After. */
const throttledDelayMs = 10_000;
const firstRetryDelayMs = 1_000;

export interface Pace {
  budgets: HubBudgets;
  clock: Clock;
  random: Random;
  /** Ends every wait before a call, with the signal's reason. */
  signal: AbortSignal;
  /** Gives up calls that are under way, with the signal's reason; what they do on the hub they may do all the same. */
  cutOff: AbortSignal;
  /** Called before every call to the hub; what it throws ends the work. */
  beforeCall(): Promise<void>;
  /** Told what the hub makes us wait for, and `undefined` once it answers again. */
  onWaiting(reason: string | undefined): Promise<void>;
  /** Told how long a throttle answer was waited out. */
  onThrottled?(operationClass: OperationClass, waitedMs: number): void;
}

/**
 * The worker's way to a hub, and the only layer that retries. Every call is paid for first. A throttled call is tried
 * again, more slowly; so is a read that concerns the whole hub while the hub is unavailable. An unavailable response about
 * single devices is thrown: only the caller can set a device aside, or look up what became of its change.
 */
export function pacedRegistry(registry: Registry, pace: Pace): Registry {
  return aroundEachCall(registry, async ({ operationClass, cost, concernsWholeHub }, work) => {
    const { budgets, clock, random, signal, cutOff } = pace;
    const budget = budgets[operationClass];
    for (let attempt = 0; ; attempt++) {
      const send = await budget.take(cost, signal);
      await pace.beforeCall(); // it may take its time, too
      send();
      const sentAtMs = clock.now();
      try {
        const result = await abortable(work(), cutOff);
        budget.answered(clock.now() - sentAtMs);
        await pace.onWaiting(undefined);
        return result;
      } catch (error) {
        const throttled = isHubError(error, 'throttled');
        const unavailable = isHubError(error, 'unavailable');
        // A refusal is a response too: whatever it means, the hub keeps nobody waiting any more.
        if (isHubError(error) && !throttled && !unavailable) await pace.onWaiting(undefined);
        if (!throttled && !(concernsWholeHub && unavailable)) throw error;
        if (throttled) budget.slowDown(sentAtMs);
        await pace.onWaiting(error.message);
        const waitsFromMs = clock.now();
        try {
          await clock.sleep(retryDelayMs(throttled ? throttledDelayMs : firstRetryDelayMs, attempt, random), signal);
        } finally {
          if (throttled) pace.onThrottled?.(operationClass, clock.now() - waitsFromMs);
        }
      }
    }
  });
}
