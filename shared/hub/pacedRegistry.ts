import { abortable } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
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
 * again, more slowly; so is a read that concerns the whole hub while the hub is unavailable. An unavailable answer about
 * single devices is thrown: only the caller can set a device aside, or look up what became of its create.
 */
export function pacedRegistry(registry: Registry, pace: Pace): Registry {
  async function call<T>(
    operation: OperationClass,
    cost: number,
    work: () => Promise<T>,
    ofWholeHub = false,
  ): Promise<T> {
    const { budgets, clock, random, signal, cutOff } = pace;
    for (let attempt = 0; ; attempt++) {
      const send = await budgets[operation].take(cost, signal);
      await pace.beforeCall(); // it may take its time, too
      send();
      const sentAtMs = clock.now();
      try {
        const answer = await abortable(work(), cutOff);
        budgets[operation].answered(clock.now() - sentAtMs);
        await pace.onWaiting(undefined);
        return answer;
      } catch (error) {
        const throttled = isHubError(error, 'throttled');
        const unavailable = isHubError(error, 'unavailable');
        // A refusal is an answer too: whatever it means, the hub keeps nobody waiting any more.
        if (isHubError(error) && !throttled && !unavailable) await pace.onWaiting(undefined);
        if (!throttled && !(ofWholeHub && unavailable)) throw error;
        if (throttled) budgets[operation].slowDown(sentAtMs);
        await pace.onWaiting(error.message);
        const waitsFromMs = clock.now();
        try {
          await clock.sleep(retryDelayMs(throttled ? throttledDelayMs : firstRetryDelayMs, attempt, random), signal);
        } finally {
          if (throttled) pace.onThrottled?.(operation, clock.now() - waitsFromMs);
        }
      }
    }
  }

  return {
    reachesDisabledDevices: registry.reachesDisabledDevices,
    getDevice: (deviceId) => call('twinReads', 1, () => registry.getDevice(deviceId)),
    hasModule: (name) => call('twinReads', 1, () => registry.hasModule(name)),
    createModule: (creation) => call('registry', 1, () => registry.createModule(creation)),
    createModules: (creations) => call('registry', creations.length, () => registry.createModules(creations)),
    listDevices: (query) => call('queries', 1, () => registry.listDevices(query), true),
    findModules: (query) => call('queries', 1, () => registry.findModules(query), true),
    countDevices: () => call('registry', 1, () => registry.countDevices(), true),
    countModules: () => call('queries', 1, () => registry.countModules(), true),
  };
}
