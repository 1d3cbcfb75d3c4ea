import type { Clock } from '../../shared/clock.ts';
import type { Environment } from './appSettings.ts';
import { blobScheduleStatusStore, noScheduleStatusStore } from './blobScheduleStatusStore.ts';
import { blobTimerLock } from './blobTimerLock.ts';
import { blobCheckpoints } from './checkpoints.ts';
import { eventGridInput } from './eventGridWebhook.ts';
import { eventBatchInput, manualEvent, singleEventInput } from './eventHubInput.ts';
import { eventHubReader } from './eventHubReader.ts';
import { type EventHubFunction, type EventHubTrigger, startEventHubTrigger } from './eventHubTrigger.ts';
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

/** How long a killed instance keeps a partition, and how often other instances try to get it. Our own figures. */
const partitionLock = { leaseMs: 15_000, retryMs: 5_000 };

/** The running timers and listeners of an app. */
export interface Triggers {
  /** The input of a manual run; `undefined` for HTTP functions and MCP tools. Throws `SyntaxError` for an event that is not JSON. */
  manualInput(registered: RegisteredFunction, input: string): TriggerInput | undefined;
  /** One sentence for each listener that could not start. */
  errors: readonly string[];
  /** Resolves after the first attempt to read each queue, even if it failed. */
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

/** Starts the timers and the listeners of an app. */
export function startTriggers(options: TriggersOptions): Triggers {
  const { index, writeLog, clock, invoke } = options;
  const errors: string[] = [];
  const storageOf = timerStorage(options);
  const timers = new Map<RegisteredFunction, Timer>();
  for (const timer of index.timers) {
    const storage = storageOf(timer.registered.metadata.name);
    timers.set(timer.registered, startTimer(timer, { clock, invoke, writeLog, ...storage }));
  }
  const queueTriggers: QueueTrigger[] = [];
  const eventHubTriggers: EventHubTrigger[] = [];
  const tryToListen = ({ metadata }: RegisteredFunction, start: () => void): void => {
    try {
      start();
    } catch (error) {
      if (!(error instanceof HostConfigurationError)) throw error;
      errors.push(`The listener for function '${metadata.name}' was unable to start. ${error.message}`);
    }
  };
  for (const one of index.queues) tryToListen(one.registered, () => queueTriggers.push(listen(one, options)));
  for (const one of index.eventHubs) {
    tryToListen(one.registered, () => eventHubTriggers.push(listenToEventHub(one, options)));
  }

  return {
    manualInput: (registered, input) => {
      if (index.eventGrid.includes(registered)) return eventGridInput(input);
      if (index.queues.some((other) => other.registered === registered)) return queueInput(input);
      const eventHub = index.eventHubs.find((other) => other.registered === registered);
      if (eventHub?.cardinality === 'many') return eventBatchInput([manualEvent(input)], eventHub.bodyType);
      if (eventHub) return singleEventInput(manualEvent(input));
      return timers.get(registered)?.input();
    },
    errors,
    started: Promise.all(queueTriggers.map(({ started }) => started)).then(() => undefined),
    stop: async () => {
      await Promise.all([...timers.values(), ...queueTriggers, ...eventHubTriggers].map((trigger) => trigger.stop()));
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

function listenToEventHub(eventHub: EventHubFunction, options: TriggersOptions): EventHubTrigger {
  const { environment, settings, clock, invoke, writeLog } = options;
  const { registered } = eventHub;
  const reader = eventHubReader(eventHub, environment);
  const locks = blobContainer(appStorage, 'azure-webjobs-hosts', environment);
  const checkpoints = blobContainer(appStorage, 'azure-webjobs-eventhub', environment);
  return startEventHubTrigger(eventHub, {
    ...{ reader, settings: settings.eventHubs, clock, writeLog },
    checkpoints: blobCheckpoints(checkpoints, reader.path),
    lockOf: (partition) =>
      blobTimerLock(`${registered.metadata.name}.${partition}`, {
        ...{ container: locks, settings: partitionLock, clock, writeLog },
      }),
    run: (input) => invoke(registered, input),
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
