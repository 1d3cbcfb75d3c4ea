import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { contextLog } from '../shared/telemetry/log.ts';
import { watchEveryHub } from '../shared/worker/watchEveryHub.ts';

/**
 * Every five minutes: wakes each hub that has work, no worker and no wake-up under way, starts a sweep that the schedule owes,
 * and records the gauges of each hub. Throws after all hubs if one failed.
 */
export async function watchHubs(_timer: Timer, context: InvocationContext): Promise<void> {
  const { sweepSchedule: schedule, isSweepDisabled, telemetry } = appHost();
  const services = await appHost().app();
  const hubs = services.config.hubs;
  await watchEveryHub({ ...services, hubs, schedule, isSweepDisabled, log: contextLog(context, telemetry) });
}

app.timer('watchHubs', { schedule: '0 */5 * * * *', handler: watchHubs });
