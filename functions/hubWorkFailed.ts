import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/** Handles a wake-up that failed five times: logs an error. `watchHubs` wakes the run again or ends it. */
export async function hubWorkFailed(message: unknown, context: InvocationContext): Promise<void> {
  const { hub } = (message ?? {}) as { hub?: unknown };
  contextLog(context, appHost().telemetry).error('Work on a hub failed repeatedly', {
    hub: typeof hub === 'string' ? hub : null,
  });
}

app.storageQueue('hubWorkFailed', {
  queueName: 'hub-work-poison',
  connection: 'AzureWebJobsStorage',
  handler: hubWorkFailed,
});
