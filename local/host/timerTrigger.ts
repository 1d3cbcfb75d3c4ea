import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { type Environment, resolveSettings } from './appSettings.ts';
import { describeError, type WriteLog } from './hostLog.ts';
import { type Invoke, type TriggerInput, triggerBindingName } from './invoker.ts';
import { type NextOccurrence, parseNcrontab } from './ncrontab.ts';
import { type RetryPolicy, readRetryPolicy, runWithRetries } from './retryPolicy.ts';
import { type ScheduleStatus, type ScheduleStatusStore, timerInfoJson } from './scheduleStatus.ts';
import type { TimerLock } from './timerLock.ts';
import type { RegisteredFunction } from './workerApp.ts';

/** A timer of Node can last 24.8 days at most. The host's TimerListener sleeps in steps of this length too. */
const maxSleepMs = 24 * 24 * 3_600_000;
/** For shorter intervals the host stores no schedule status (TimerSchedule, "UseMonitor changed to false"). */
const minMonitoredIntervalMs = 60_000;

/** A function with a timer trigger. */
export interface TimerFunction {
  registered: RegisteredFunction;
  next: NextOccurrence;
  runOnStartup: boolean;
  useMonitor: boolean;
  retry: RetryPolicy | undefined;
}

/** A running timer. */
export interface Timer {
  /** The input of a manual run: the current status, never past due. */
  input(): TriggerInput;
  /** Starts no more runs; resolves when the current one has ended. */
  stop(): Promise<void>;
}

const binding = z.object({
  schedule: z.string(),
  runOnStartup: z.boolean().default(false),
  useMonitor: z.boolean().default(true),
});

/** Reads the timer trigger of a function. Throws `HostConfigurationError` for an invalid schedule or retry policy. */
export function toTimerFunction(registered: RegisteredFunction, environment: Environment): TimerFunction {
  const { schedule, ...rest } = binding.parse(registered.metadata.bindings[triggerBindingName(registered)]);
  const next = parseNcrontab(resolveSettings(schedule, environment));
  return { registered, next, ...rest, retry: readRetryPolicy(registered.metadata.retryOptions) };
}

export interface TimerOptions {
  clock: Clock;
  invoke: Invoke;
  store: ScheduleStatusStore;
  lock: TimerLock;
  writeLog: WriteLog;
}

/**
 * Runs a timer function on its schedule as the host's TimerListener does (Azure/azure-webjobs-sdk-extensions). At start
 * it runs only with `runOnStartup` or to catch up on missed times, once (`isPastDue`). Runs never overlap: the next
 * time is computed from the start of a run, and if a run ends after it, the next run starts at once. A run that fails is
 * tried again as its retry policy says, and its tries count as one run; failures do not affect the schedule. Nothing runs
 * while another instance holds the lock.
 */
export function startTimer(timer: TimerFunction, { clock, invoke, store, lock, writeLog }: TimerOptions): Timer {
  const { name } = timer.registered.metadata;
  const stopping = new AbortController();
  const firstMs = timer.next(clock.now());
  const isMonitored = timer.useMonitor && timer.next(firstMs) - firstMs >= minMonitoredIntervalMs;
  let status: ScheduleStatus = { lastMs: undefined, nextMs: firstMs, lastUpdatedMs: undefined };

  const input = (isPastDue = false): TriggerInput => ({
    data: { json: timerInfoJson(isMonitored ? status : undefined, isPastDue) },
  });

  /** Loads the stored status, unless the schedule has changed since. Resolves with whether a time was missed. */
  async function recall(): Promise<boolean> {
    const stored = isMonitored ? await store.load(name) : undefined;
    const countedFromMs = stored?.lastMs ?? stored?.lastUpdatedMs;
    if (stored && (countedFromMs === undefined || timer.next(countedFromMs) === stored.nextMs)) status = stored;
    else await remember({ ...status, lastUpdatedMs: clock.now() });
    return status.nextMs <= clock.now();
  }

  async function remember(next: ScheduleStatus): Promise<void> {
    status = next;
    if (isMonitored) await store.save(name, next);
  }

  async function run(isPastDue: boolean, isScheduled: boolean): Promise<void> {
    const startedAtMs = clock.now();
    const onWait = (retryCount: number) =>
      writeLog('information', 'host', `Timer '${name}' failed and is tried again: retry ${retryCount}.`);
    try {
      await runWithRetries(timer.retry, { clock, signal: stopping.signal, onWait }, (retryContext) =>
        invoke(timer.registered, { ...input(isPastDue), ...(retryContext === undefined ? {} : { retryContext }) }),
      );
    } catch (error) {
      // The host stops between two tries: no status is stored, so that the next host runs the timer as past due.
      if (error === stopping.signal.reason) throw error;
      writeLog('debug', 'host', `Timer '${name}' keeps its schedule after a failed run: ${String(error)}`);
    }
    // A sleep may end slightly early. From that start, `next` would return the time that has just been due again.
    const lastMs = isScheduled ? Math.max(startedAtMs, status.nextMs) : startedAtMs;
    await remember({ lastMs, nextMs: timer.next(lastMs), lastUpdatedMs: lastMs });
  }

  async function sleepUntil(timeMs: number): Promise<void> {
    for (let remainingMs = timeMs - clock.now(); remainingMs > 0; remainingMs = timeMs - clock.now()) {
      await clock.sleep(Math.min(remainingMs, maxSleepMs), stopping.signal);
    }
    stopping.signal.throwIfAborted();
  }

  /** Runs the timer while this instance has the lock, from the first moment on. */
  async function loopWhileLocked(isFirst: boolean): Promise<void> {
    const isPastDue = await recall();
    stopping.signal.throwIfAborted();
    if (isPastDue || (isFirst && timer.runOnStartup)) await run(isPastDue, false);
    for (;;) {
      await sleepUntil(status.nextMs);
      if (!lock.isHeld()) return;
      await run(false, true);
    }
  }

  async function loop(): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      await lock.acquire(stopping.signal);
      await loopWhileLocked(isFirst);
    }
  }

  const ended = loop()
    .catch((error: unknown) => {
      if (!stopping.signal.aborted)
        writeLog('critical', 'host', `Timer '${name}' has stopped: ${describeError(error)}`);
    })
    .finally(() => lock.release());
  return {
    input: () => input(),
    stop: async () => {
      stopping.abort(new Error('The host stops.'));
      await ended;
    },
  };
}
