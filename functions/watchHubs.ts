import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import type { Config } from '../shared/config/config.ts';
import { logPolicyProblems, type PolicyStore } from '../shared/policyStore/policyStore.ts';
import { storageErrorFields } from '../shared/storage/storageStatus.ts';
import { contextLog, type Log } from '../shared/telemetry/log.ts';
import { watchEveryHub } from '../shared/worker/watchEveryHub.ts';

/**
 * Runs every five minutes. Sends a wake-up to each hub that has work, no worker and no wake-up under way, starts sweeps that
 * `nightlySweep` should have started, and records the gauges of each hub. Logs the problems of hubs out of service and of
 * `policy.json`, and the warnings of the settings. If a hub fails, throws after all hubs.
 */
export async function watchHubs(_timer: Timer, context: InvocationContext): Promise<void> {
  const { telemetry } = appHost();
  const log = contextLog(context, telemetry);
  const services = await appHost().app();
  logConfig(services.config, log);
  await logPolicy(services.policies, log);
  const { hubs, outOfService } = services.config;
  await watchEveryHub({ ...services, hubs, outOfService, log });
}

function logConfig({ outOfService, warnings }: Config, log: Log): void {
  for (const { name, problems } of outOfService) {
    for (const { setting, message } of problems) log.error('A hub is out of service', { hub: name, setting, message });
  }
  for (const { setting, message } of warnings)
    log.warn('A setting is valid but probably not as intended', { setting, message });
}

/** Logs the problems of `policy.json`. Never throws, because the hubs must be watched even if the policy cannot be read. */
async function logPolicy(policies: PolicyStore, log: Log): Promise<void> {
  try {
    logPolicyProblems(await policies.freshStanding(log), log);
  } catch (error) {
    log.error('policy.json could not be read', storageErrorFields(error));
  }
}

app.timer('watchHubs', { schedule: '0 */5 * * * *', handler: watchHubs });
