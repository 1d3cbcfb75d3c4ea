import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import type { Config } from '../shared/config/config.ts';
import { contextLog, errorFields, type Log } from '../shared/telemetry/log.ts';
import { recordHubGauges } from '../shared/worker/hubGauges.ts';
import { watchHub } from '../shared/worker/watch.ts';

let hasWarned = false;

/**
 * Every five minutes: wakes each hub that has work and no worker, and records its gauges. Throws after all hubs if one failed.
 * Logs what is wrong with hubs out of service, and once a process the warnings of the settings.
 */
export async function watchHubs(_timer: Timer, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  logConfig(services.config, log);
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

function logConfig({ outOfService, warnings }: Config, log: Log): void {
  for (const { name, problems } of outOfService) {
    for (const { setting, message } of problems) log.error('A hub is out of service', { hub: name, setting, message });
  }
  if (!hasWarned)
    for (const { setting, message } of warnings) log.warn('A setting needs attention', { setting, message });
  hasWarned = true;
}

app.timer('watchHubs', { schedule: '0 */5 * * * *', handler: watchHubs });
