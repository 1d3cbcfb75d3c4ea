import { app, type InvocationContext, output } from '@azure/functions';
import { type App, appHost, type HubServices } from '../shared/app.ts';
import { contextLog, type Log } from '../shared/telemetry/log.ts';
import { foreignMessageFields } from '../shared/worker/foreignMessage.ts';
import { workOnHub } from '../shared/worker/hubWorker.ts';

/** The host sends this message after the handler, before it deletes the received one. So a crash in between loses no wake-up. */
const nextWakeUp = output.storageQueue({ queueName: 'hub-work', connection: 'AzureWebJobsStorage' });

/** Handles a wake-up: runs one slice for the hub, and sends the next wake-up if work remains. */
export async function hubWork(message: unknown, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const { hub: name } = (message ?? {}) as { hub?: unknown };
  const hub = typeof name === 'string' ? services.hubs.get(name) : undefined;
  if (!hub) {
    const isOut = typeof name === 'string' && services.outOfService.has(name);
    if (isOut) log.warn('Wake-up ignored: the hub is out of service', { hub: name });
    else
      log.warn(
        'Wake-up ignored: the settings name no such hub',
        foreignMessageFields(message, context.triggerMetadata),
      );
    return;
  }
  const workRemains = await appHost().invocations.track(runSlice(services, hub, log));
  if (workRemains) context.extraOutputs.set(nextWakeUp, { hub: hub.hub.name });
}

async function runSlice(services: App, hub: HubServices, log: Log): Promise<boolean> {
  const { sliceSeconds, functionTimeoutSeconds } = services.config;
  const workRemains = await workOnHub({
    ...services,
    ...hub,
    sliceMs: sliceSeconds * 1000,
    functionTimeoutMs: functionTimeoutSeconds * 1000,
    log,
  });
  // A process that ends has no time for the output binding. Without this call, `watchHubs` would send the wake-up minutes later.
  if (workRemains && services.stopping.aborted) await services.wakeUps.send(hub.hub.name, 0);
  return workRemains;
}

app.storageQueue('hubWork', {
  queueName: 'hub-work',
  connection: 'AzureWebJobsStorage',
  extraOutputs: [nextWakeUp],
  handler: hubWork,
});
