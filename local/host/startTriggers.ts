import type { Clock } from '../../shared/clock.ts';
import type { Environment } from './appSettings.ts';
import { blobScheduleStatusStore, noScheduleStatusStore } from './blobScheduleStatusStore.ts';
import { blobTimerLock } from './blobTimerLock.ts';
import { eventGridInput } from './eventGridWebhook.ts';
import { HostConfigurationError } from './hostError.ts';
import type { HostSettings } from './hostJson.ts';
import type { WriteLog } from './hostLog.ts';
import type { FunctionIndex, QueueFunction } from './indexFunctions.ts';
import type { Invoke, TriggerInput } from './invoker.ts';
import { queueInput } from './queueMessage.ts';
import type { FindQueueService } from './queueOutputs.ts';
import { poisonQueueName, type QueueTrigger, startQueueTrigger } from './queueTrigger.ts';
import { blobContainer } from './storageConnection.ts';
import { noTimerLock } from './timerLock.ts';
import { startTimer, type Timer, type TimerOptions } from './timerTrigger.ts';
import type { RegisteredFunction } from './workerApp.ts';

const appStorage = 'AzureWebJobsStorage';

/** The running timers and queue listeners of an app. */
export interface Triggers {
  /** The input of a manual run; `undefined` for HTTP functions. Throws `SyntaxError` for an event that is not JSON. */
  manualInput(registered: RegisteredFunction, input: string): TriggerInput | undefined;
  /** One sentence for each listener that could not start. */
  errors: readonly string[];
  /** Resolves when every queue was read once. */
  started: Promise<void>;
  /** Starts no new runs; resolves when the running ones have ended. */
  stop(): Promise<void>;
}

export interface TriggersOptions {
  index: FunctionIndex;
  settings: HostSettings;
  environment: Environment;
  clock: Clock;
  invoke: Invoke;
  findService: FindQueueService;
  writeLog: WriteLog;
}

/** Starts the timers and the queue listeners of an app. */
export function startTriggers(options: TriggersOptions): Triggers {
  const { index, writeLog, clock, invoke } = options;
  const errors: string[] = [];
  const storageOf = timerStorage(options);
  const timers = new Map<RegisteredFunction, Timer>();
  for (const timer of index.timers) {
    const storage = storageOf(timer.registered.metadata.name);
    timers.set(timer.registered, startTimer(timer, { clock, invoke, writeLog, ...storage }));
  }
  const queueTriggers = new Map<RegisteredFunction, QueueTrigger>();
  for (const queueFunction of index.queues) {
    const { registered } = queueFunction;
    try {
      queueTriggers.set(registered, listen(queueFunction, options));
    } catch (error) {
      if (!(error instanceof HostConfigurationError)) throw error;
      errors.push(`The listener for function '${registered.metadata.name}' was unable to start. ${error.message}`);
    }
  }

  return {
    manualInput: (registered, input) => {
      if (index.eventGrid.includes(registered)) return eventGridInput(input);
      if (index.queues.some((other) => other.registered === registered)) return queueInput(input);
      return timers.get(registered)?.input();
    },
    errors,
    started: Promise.all([...queueTriggers.values()].map(({ started }) => started)).then(() => undefined),
    stop: async () => {
      await Promise.all([...timers.values(), ...queueTriggers.values()].map((trigger) => trigger.stop()));
    },
  };
}

function listen({ registered, queueName, connection }: QueueFunction, options: TriggersOptions): QueueTrigger {
  const service = options.findService(connection);
  const poisonName = poisonQueueName(queueName);
  return startQueueTrigger({
    queue: service.getQueueClient(queueName),
    poisonQueue: poisonName === undefined ? undefined : service.getQueueClient(poisonName),
    settings: options.settings.queues,
    clock: options.clock,
    random: Math.random,
    run: (input) => options.invoke(registered, input),
    writeLog: options.writeLog,
  });
}

/** Where a timer stores its status and its lock. */
function timerStorage({ index, environment, settings, clock, writeLog }: TriggersOptions) {
  const without = (): Pick<TimerOptions, 'store' | 'lock'> => ({ store: noScheduleStatusStore, lock: noTimerLock });
  if (index.timers.length === 0) return without;
  try {
    const container = blobContainer(appStorage, 'azure-webjobs-hosts', environment);
    const store = blobScheduleStatusStore(container, writeLog);
    const lockOptions = { container, settings: settings.timerLock, clock, writeLog };
    return (name: string): Pick<TimerOptions, 'store' | 'lock'> => ({ store, lock: blobTimerLock(name, lockOptions) });
  } catch (error) {
    if (!(error instanceof HostConfigurationError)) throw error;
    writeLog('warning', 'host', `Timers keep no schedule status and no lock: ${error.message}`);
    return without;
  }
}
