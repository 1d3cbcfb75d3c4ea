import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { contextLog, errorFields } from '../shared/telemetry/log.ts';
import { recordHubGauges } from '../shared/worker/hubGauges.ts';
import { watchHub } from '../shared/worker/watch.ts';

/** Every five minutes: nothing stays asleep. */
export async function watchHubs(_timer: Timer, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const failures: unknown[] = [];
  for (const { hub } of services.hubs.values()) {
    try {
      await watchHub({ ...services, hub, log });
      await recordHubGauges(services, hub);
    } catch (error) {
      log.error('A hub could not be watched', { hub: hub.name, ...errorFields(error) });
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} hubs could not be watched.`);
}

app.timer('watchHubs', { schedule: '0 */5 * * * *', handler: watchHubs });
