import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Clock, Random } from '../../shared/clock.ts';
import type { QueueSettings } from './hostJson.ts';
import type { WriteLog } from './hostLog.ts';
import type { TriggerInput } from './invoker.ts';
import { processMessage } from './processMessage.ts';
import { describeStorageError, hasStorageCode } from './storageError.ts';

/** As in the host's QueueListener: 10 minutes, renewed at half of it. */
const defaultLeaseMs = 600_000;
/** As in the host's QueuePollingIntervals. */
const shortestPollMs = 100;
const poisonSuffix = '-poison';

export interface QueueTriggerOptions {
  queue: QueueClient;
  /** Undefined if the queue is a poison queue itself. */
  poisonQueue: QueueClient | undefined;
  settings: QueueSettings;
  clock: Clock;
  random: Random;
  /** Runs the function; rejects when it fails. */
  run: (input: TriggerInput) => Promise<unknown>;
  writeLog: WriteLog;
  /** Default 10 minutes, as in the host; tests use less. */
  leaseMs?: number;
}

/** A running queue listener. */
export interface QueueTrigger {
  /** Resolves after the first attempt to read the queue, even if it failed. */
  started: Promise<void>;
  /** Receives no more messages; resolves when all running invocations have ended. */
  stop(): Promise<void>;
}

/** The name of a queue's poison queue; `undefined` for a poison queue, which has none, as in the host. */
export function poisonQueueName(queueName: string): string | undefined {
  return queueName.endsWith(poisonSuffix) ? undefined : `${queueName}${poisonSuffix}`;
}

/**
 * Polls a storage queue and runs a function for each message, at most `batchSize + newBatchThreshold` concurrently.
 * While the queue is empty, the interval grows up to `maxPollingInterval`. During an outage polling continues; its
 * start and its end are logged once.
 */
export function startQueueTrigger(options: QueueTriggerOptions): QueueTrigger {
  const { queue, settings, clock, random, writeLog } = options;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const leaseMs = options.leaseMs ?? defaultLeaseMs;
  let pauseMs = shortestPollMs;
  let isDown = false;
  let reportStarted = (): void => undefined;
  const started = new Promise<void>((resolve) => {
    reportStarted = resolve;
  });

  async function receive(): Promise<DequeuedMessageItem[]> {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: Math.max(1, Math.round(leaseMs / 1000)),
        abortSignal: stopping.signal,
      });
      if (isDown) writeLog('information', 'host', `Queue '${queue.name}' can be read again.`);
      isDown = false;
      return receivedMessageItems;
    } catch (error) {
      if (stopping.signal.aborted) return [];
      if (hasStorageCode(error, 'QueueNotFound')) return create();
      report(error);
      return [];
    }
  }

  async function create(): Promise<[]> {
    try {
      await queue.createIfNotExists({ abortSignal: stopping.signal });
    } catch (error) {
      if (!stopping.signal.aborted) report(error);
    }
    return [];
  }

  function report(error: unknown): void {
    if (!isDown) {
      writeLog(
        'error',
        'host',
        `Queue '${queue.name}' cannot be read: ${describeStorageError(error)}. Polling continues.`,
      );
    }
    isDown = true;
  }

  function start(message: DequeuedMessageItem): void {
    const processing = processMessage(message, { ...options, leaseMs }).finally(() => running.delete(processing));
    running.add(processing);
  }

  /** Doubles the interval up to the maximum, with 20 % jitter so that several listeners do not poll in step. */
  async function pause(): Promise<void> {
    const spread = 0.8 + 0.4 * random();
    await clock.sleep(Math.min(pauseMs * spread, settings.maxPollingIntervalMs), stopping.signal);
    pauseMs = Math.min(pauseMs * 2, settings.maxPollingIntervalMs);
  }

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (running.size > settings.newBatchThreshold) {
        await Promise.race(running);
        continue;
      }
      const messages = await receive();
      // Messages received during the stop do not run; they become visible after their lease, as after a crash.
      if (stopping.signal.aborted) return;
      for (const message of messages) start(message);
      reportStarted();
      if (messages.length > 0) pauseMs = shortestPollMs;
      else await pause();
    }
  }

  const ended = poll()
    .catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    })
    .finally(() => reportStarted());
  return {
    started,
    stop: async () => {
      stopping.abort(new Error('The host stops.'));
      await ended;
      await Promise.all(running);
    },
  };
}
