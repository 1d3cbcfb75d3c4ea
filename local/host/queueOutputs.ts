import type { QueueServiceClient } from '@azure/storage-queue';
import { z } from 'zod';
import { type Environment, resolveSettings } from './appSettings.ts';
import type { InvocationResponse, RpcTypedData } from './coreTypes.ts';
import type { QueueSettings } from './hostJson.ts';
import { encodeMessage, outputMessages } from './queueMessage.ts';
import { describeStorageError, hasStorageCode } from './storageError.ts';
import type { RegisteredFunction } from './workerApp.ts';

const returnBinding = '$return';
export const queueBinding = z.object({ queueName: z.string(), connection: z.string().default('AzureWebJobsStorage') });

/** Finds the queue service of a connection, one client a connection. @throws HostConfigurationError */
export type FindQueueService = (connection: string) => QueueServiceClient;

/** Messages could not be sent; in words fit for a log. */
export class QueueOutputError extends Error {
  override name = 'QueueOutputError';
}

/**
 * Sends what a run put into its queue outputs, in the order of the bindings, the return value last; a queue that does
 * not exist is made. Happens after the handler and before the input is acknowledged, so a failure is the run's own.
 * @throws QueueOutputError
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
