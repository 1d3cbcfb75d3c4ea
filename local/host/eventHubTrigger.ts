import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { StoredEvent } from '../eventHub/hubEvent.ts';
import { type Environment, resolveSettings } from './appSettings.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type BodyType, eventBatchInput, singleEventInput } from './eventHubInput.ts';
import { EventHubError, type EventHubReader } from './eventHubReader.ts';
import type { EventHubSettings } from './hostJson.ts';
import type { WriteLog } from './hostLog.ts';
import { type TriggerInput, triggerBindingName } from './invoker.ts';
import { type RetryPolicy, readRetryPolicy, runWithRetries } from './retryPolicy.ts';
import { describeStorageError } from './storageError.ts';
import type { TimerLock } from './timerLock.ts';
import type { RegisteredFunction } from './workerApp.ts';

/** A function with an Event Hubs trigger. */
export interface EventHubFunction {
  registered: RegisteredFunction;
  /** Name of the setting. */
  connection: string;
  eventHubName: string;
  consumerGroup: string;
  cardinality: 'one' | 'many';
  bodyType: BodyType;
  retry: RetryPolicy | undefined;
}

/** A running listener. */
export interface EventHubTrigger {
  /** Starts no more runs; resolves when the running ones have ended. */
  stop(): Promise<void>;
}

const binding = z.object({
  connection: z.string(),
  eventHubName: z.string(),
  consumerGroup: z.string().default('$Default'),
  cardinality: z.enum(['one', 'many']).default('one'),
  dataType: z.enum(['string', 'binary']).optional(),
});

/** Reads the Event Hubs trigger of a function. Throws `HostConfigurationError` for an unset setting or a wrong retry policy. */
export function toEventHubFunction(registered: RegisteredFunction, environment: Environment): EventHubFunction {
  const { eventHubName, consumerGroup, dataType, ...rest } = binding.parse(
    registered.metadata.bindings[triggerBindingName(registered)],
  );
  return {
    ...{ registered, ...rest, bodyType: dataType, retry: readRetryPolicy(registered.metadata.retryOptions) },
    eventHubName: resolveSettings(eventHubName, environment),
    consumerGroup: resolveSettings(consumerGroup, environment),
  };
}

export interface EventHubTriggerOptions {
  reader: EventHubReader;
  checkpoints: Checkpoints;
  /** The lock of a partition: only the instance that holds it reads the partition. */
  lockOf: (partition: string) => TimerLock;
  settings: EventHubSettings;
  clock: Clock;
  /** Runs the function; rejects when it fails. */
  run: (input: TriggerInput) => Promise<unknown>;
  writeLog: WriteLog;
}

const pauseAfterErrorMs = 1_000;

/**
 * Reads all partitions of an event hub at the same time, each in order, and runs the function for one batch after the other. A run
 * that fails is tried again according to the retry policy, while its partition waits. After that the checkpoint advances, whether
 * the run succeeded or not, as in the host (EventHubListener.PartitionProcessor). Events of a run that had not ended when the host
 * ended are read again.
 */
export function startEventHubTrigger(
  { registered, cardinality, bodyType, retry }: EventHubFunction,
  options: EventHubTriggerOptions,
): EventHubTrigger {
  const { reader, checkpoints, settings, clock, run, writeLog } = options;
  const { name } = registered.metadata;
  const stopping = new AbortController();
  const { signal } = stopping;

  async function handle(partition: string, events: readonly StoredEvent[]): Promise<void> {
    const inputs: (() => TriggerInput)[] =
      cardinality === 'many'
        ? [() => eventBatchInput(events, bodyType)]
        : events.map((event) => () => singleEventInput(event));
    for (const inputOf of inputs) {
      const onWait = (count: number) =>
        writeLog('information', 'host', `Events of '${name}' failed and are tried again: retry ${count}.`);
      try {
        // Bodies that cannot be passed are a failure of the run, with its retries.
        await runWithRetries(retry, { clock, signal, onWait }, async (retryContext) =>
          run({ ...inputOf(), ...(retryContext === undefined ? {} : { retryContext }) }),
        );
      } catch (error) {
        if (error === signal.reason) throw error;
        writeLog('warning', 'host', `Events of partition ${partition} of '${name}' failed and are not tried again.`);
      }
    }
  }

  /** Reads the partition until the lock is lost. Calls `onRead` after each read whose events, if any, are behind the checkpoint. */
  async function readWhileLocked(partition: string, lock: TimerLock, onRead: () => void): Promise<void> {
    let next = await checkpoints.next(partition);
    while (lock.isHeld()) {
      const events = await reader.read(partition, next, settings.maxEventBatchSize, signal);
      signal.throwIfAborted();
      const last = events.at(-1);
      if (last) {
        if (!lock.isHeld()) return;
        await handle(partition, events);
        next = last.sequenceNumber + 1;
        await checkpoints.save(partition, last.sequenceNumber);
      }
      onRead();
    }
  }

  /** Calls `work` until it resolves or the host stops. Of several errors without an `onRead` between them the first is logged. */
  async function persistently<T>(what: string, work: (onRead: () => void) => Promise<T>): Promise<T> {
    let isDown = false;
    const onRead = () => {
      if (isDown) writeLog('information', 'host', `${what} of '${name}' can be read again.`);
      isDown = false;
    };
    for (;;) {
      try {
        return await work(onRead);
      } catch (error) {
        signal.throwIfAborted();
        const why = error instanceof EventHubError ? error.message : `${describeStorageError(error)}.`;
        if (!isDown) writeLog('error', 'host', `${what} of '${name}' cannot be read: ${why} Reading continues.`);
        isDown = true;
      }
      await clock.sleep(pauseAfterErrorMs, signal);
    }
  }

  async function readPartition(partition: string): Promise<void> {
    const lock = options.lockOf(partition);
    try {
      for (;;) {
        await persistently(`Partition ${partition}`, async (onRead) => {
          if (!lock.isHeld()) await lock.acquire(signal);
          await readWhileLocked(partition, lock, onRead);
        });
      }
    } finally {
      await lock.release();
    }
  }

  const ended = persistently('The event hub', async (onRead) => {
    const partitions = await reader.partitions(signal);
    onRead();
    return partitions;
  })
    .then((partitions) => Promise.all(partitions.map(readPartition)))
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  return {
    stop: async () => {
      stopping.abort(new Error('The host stops.'));
      await ended;
    },
  };
}
