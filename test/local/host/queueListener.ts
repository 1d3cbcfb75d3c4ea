import { QueueServiceClient } from '@azure/storage-queue';
import type { QueueSettings } from '../../../local/host/hostJson.ts';
import { poisonQueueName, startQueueTrigger } from '../../../local/host/queueTrigger.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';

/** One run of the tested function, which the test ends. */
export interface Run {
  text: string;
  dequeueCount: number | undefined;
  end: (error?: Error) => void;
}

export interface ListenOptions extends Partial<QueueSettings> {
  /** Decides how a run ends; without it each run waits for the test. */
  work?: (run: Run) => void;
  leaseMs?: number;
  clock?: Clock;
  /** The trigger's connection to storage, if it differs from the direct one. */
  connectionString?: string;
}

/** Listens on a new queue of this storage. The caller stops the trigger. */
export function listenOn(
  storage: string,
  queueName: string,
  { work, leaseMs, clock = systemClock, connectionString = storage, ...settings }: ListenOptions = {},
) {
  const service = QueueServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });
  const direct = QueueServiceClient.fromConnectionString(storage);
  const runs: Run[] = [];
  const log: string[] = [];
  const poison = poisonQueueName(queueName);
  const trigger = startQueueTrigger({
    queue: service.getQueueClient(queueName),
    poisonQueue: poison === undefined ? undefined : service.getQueueClient(poison),
    settings: {
      ...{ batchSize: 16, newBatchThreshold: 8, maxDequeueCount: 2, visibilityTimeoutMs: 0 },
      ...{ maxPollingIntervalMs: 100, messageEncoding: 'none' },
      ...settings,
    },
    clock,
    random: Math.random,
    ...(leaseMs === undefined ? {} : { leaseMs }),
    run: ({ data, metadata }) =>
      new Promise<void>((resolve, reject) => {
        const end = (error?: Error): void => (error ? reject(error) : resolve());
        const run = { text: data.string ?? '', dequeueCount: metadata?.DequeueCount?.int, end };
        runs.push(run);
        work?.(run);
      }),
    writeLog: (_level, _category, message) => log.push(message),
  });
  const queue = direct.getQueueClient(queueName);
  const poisonQueue = direct.getQueueClient(poison ?? 'none');
  const count = async () => (await queue.getProperties()).approximateMessagesCount;
  return { queue, poisonQueue, runs, log, count, trigger };
}
