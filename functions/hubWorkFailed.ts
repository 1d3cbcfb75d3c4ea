import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/** A ring that failed five times over. The run itself is left to the watch, which takes it up again or gives it up. */
export async function hubWorkFailed(message: unknown, context: InvocationContext): Promise<void> {
  const { hub } = (message ?? {}) as { hub?: unknown };
  contextLog(context, appHost().telemetry).error('Work on a hub failed again and again', {
    hub: typeof hub === 'string' ? hub : null,
  });
}

app.storageQueue('hubWorkFailed', {
  queueName: 'hub-work-poison',
  connection: 'AzureWebJobsStorage',
  handler: hubWorkFailed,
});
