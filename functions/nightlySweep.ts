import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { sweepEveryHub } from '../shared/run/sweepEveryHub.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/** Starts a run on every hub that is not paused. If one fails, throws after all hubs, so that the host tries again. */
export async function nightlySweep({ isPastDue }: Timer, context: InvocationContext): Promise<void> {
  const { telemetry } = appHost();
  const isRetry = (context.retryContext?.retryCount ?? 0) > 0;
  const log = contextLog(context, telemetry);
  const services = await appHost().app();
  const { outOfService } = services.config;
  await sweepEveryHub({ ...services, outOfService, log }, { isPastDue, isRetry });
}

app.timer('nightlySweep', {
  schedule: appHost().configResult.sweepTimer,
  // The host counts the tries in memory, so a restart ends them. `watchHubs` starts the sweeps that are then still missing.
  retry: { strategy: 'fixedDelay', maxRetryCount: 4, delayInterval: { minutes: 1 } },
  handler: nightlySweep,
});
