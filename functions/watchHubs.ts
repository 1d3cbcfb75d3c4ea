import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { contextLog, errorFields } from '../shared/telemetry/log.ts';
import { recordHubGauges } from '../shared/worker/hubGauges.ts';
import { watchHub } from '../shared/worker/watch.ts';

/** Every five minutes: wakes each hub that has work and no worker, and records its gauges. Throws after all hubs if one failed. */
export async function watchHubs(_timer: Timer, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const failures: unknown[] = [];
  for (const { hub } of services.hubs.values()) {
    try {
      await watchHub({ ...services, hub, log });
      await recordHubGauges(services, hub);
    } catch (error) {
      log.error('The check of a hub failed', { hub: hub.name, ...errorFields(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `The check of ${failures.length} hubs failed.`);
}

app.timer('watchHubs', { schedule: '0 */5 * * * *', handler: watchHubs });
