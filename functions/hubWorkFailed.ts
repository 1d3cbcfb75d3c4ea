import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { contextLog } from '../shared/telemetry/log.ts';
import { foreignMessageFields } from '../shared/worker/foreignMessage.ts';

/** Logs an error for a wake-up that failed five times. `watchHubs` later sends another wake-up, or ends the run. */
export async function hubWorkFailed(message: unknown, context: InvocationContext): Promise<void> {
  const { configResult, telemetry } = appHost();
  const { hub } = (message ?? {}) as { hub?: unknown };
  const isOurs = configResult.ok && configResult.config.hubs.some(({ name }) => name === hub);
  const fields = isOurs ? { hub: String(hub) } : foreignMessageFields(message, context.triggerMetadata);
  contextLog(context, telemetry).error('Work on a hub failed repeatedly', fields);
}

app.storageQueue('hubWorkFailed', {
  queueName: 'hub-work-poison',
  connection: 'AzureWebJobsStorage',
  handler: hubWorkFailed,
});
