import type { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { type Environment, resolveSettings } from './appSettings.ts';
import type { InvocationResponse, RpcTypedData } from './coreTypes.ts';
import type { QueueSettings } from './hostJson.ts';
import { encodeMessage, outputMessages } from './queueMessage.ts';
import { describeStorageError, hasStorageCode } from './storageError.ts';
import type { RegisteredFunction } from './workerApp.ts';

const returnBinding = '$return';
/** The members of a queue binding. */
export const queueBinding = z.object({ queueName: z.string(), connection: z.string().default('AzureWebJobsStorage') });

/** Returns the queue service of a connection, the same client each time. Throws `HostConfigurationError`. */
export type FindQueueService = (connection: string) => QueueServiceClient;

/** Output messages could not be sent. The error text contains no secret, so it may be logged. */
class QueueOutputError extends Error {
  override name = 'QueueOutputError';
}

/**
 * Makes the function that sends the queue outputs of an invocation, in the order of the bindings, the return value
 * last; creates missing queues. It runs after the handler and before the input message is deleted, so a failure fails
 * the invocation. Rejects with `QueueOutputError`.
 */
export function queueOutputs(settings: QueueSettings, environment: Environment, findService: FindQueueService) {
  return async ({ metadata }: RegisteredFunction, response: InvocationResponse): Promise<void> => {
    for (const { name, data } of response.outputData ?? []) await send(metadata.bindings[name], data);
    await send(metadata.bindings[returnBinding], response.returnValue);
  };

  async function send(binding: unknown, data: RpcTypedData | null | undefined): Promise<void> {
    if ((binding as { type?: string } | undefined)?.type?.toLowerCase() !== 'queue') return;
    const messages = outputMessages(data);
    if (messages.length === 0) return;
    const { queueName, connection } = queueBinding.parse(binding);
    const queue = findService(connection).getQueueClient(resolveSettings(queueName, environment));
    try {
      for (const message of messages) {
        const stored = encodeMessage(message, settings.messageEncoding);
        await queue.sendMessage(stored).catch(async (error: unknown) => {
          if (!hasStorageCode(error, 'QueueNotFound')) throw error;
          await queue.createIfNotExists();
          await queue.sendMessage(stored);
        });
      }
    } catch (error) {
      throw new QueueOutputError(
        `Queue '${queue.name}' did not take an output message: ${describeStorageError(error)}`,
      );
    }
  }
}
