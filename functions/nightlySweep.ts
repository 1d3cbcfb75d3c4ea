import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';

import { sweepEveryHub } from '../shared/run/sweepEveryHub.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/** Starts a run on every hub that is not paused. */
export async function nightlySweep(timer: Timer, context: InvocationContext): Promise<void> {
  await sweepEveryHub({ ...(await appHost().app()), log: contextLog(context, appHost().telemetry) }, timer.isPastDue);
}

app.timer('nightlySweep', { schedule: appHost().configResult.sweepSchedule, handler: nightlySweep });
