import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { defaultSweepSchedule } from '../shared/config/sweepSchedule.ts';
import { sweepEveryHub } from '../shared/run/sweepEveryHub.ts';
import { contextLog } from '../shared/telemetry/log.ts';

export async function nightlySweep(timer: Timer, context: InvocationContext): Promise<void> {
  await sweepEveryHub({ ...(await appHost().app()), log: contextLog(context, appHost().telemetry) }, timer.isPastDue);
}

// Without the setting, the host could not resolve `%SWEEP_SCHEDULE%` and would not run the function at all.
const schedule = process.env.SWEEP_SCHEDULE ? '%SWEEP_SCHEDULE%' : defaultSweepSchedule;

app.timer('nightlySweep', { schedule, handler: nightlySweep });
