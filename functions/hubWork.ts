import { app, type InvocationContext, output } from '@azure/functions';
import { type App, appHost, type HubServices } from '../shared/app.ts';
import { contextLog, type Log } from '../shared/telemetry/log.ts';
import { workOnHub } from '../shared/worker/hubWorker.ts';

/** Sent by the host after the handler and before the message is acknowledged, so a crash in between wakeUps once more. */
const nextWakeUp = output.storageQueue({ queueName: 'hub-work', connection: 'AzureWebJobsStorage' });

/** A ring: does one slice of the hub's work, and wakeUps again if some is left. */
export async function hubWork(message: unknown, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const { hub: name } = (message ?? {}) as { hub?: unknown };
  const hub = typeof name === 'string' ? services.hubs.get(name) : undefined;
  if (!hub) {
    log.warn('Wake-up ignored: the settings name no such hub');
    return;
  }
  const left = await appHost().work.track(doSlice(services, hub, log));
  if (left) context.extraOutputs.set(nextWakeUp, { hub: hub.hub.name });
}

async function doSlice(services: App, hub: HubServices, log: Log): Promise<boolean> {
  const { policy, sliceSeconds } = services.config;
  const left = await workOnHub({ ...services, ...hub, policy, sliceMs: sliceSeconds * 1000, log });
  // A process that ends has no time for the output binding; without this the watch would ring, minutes later.
  if (left && services.stopping.aborted) await services.wakeUps.send(hub.hub.name, 0);
  return left;
}

app.storageQueue('hubWork', {
  queueName: 'hub-work',
  connection: 'AzureWebJobsStorage',
  extraOutputs: [nextWakeUp],
  handler: hubWork,
});
