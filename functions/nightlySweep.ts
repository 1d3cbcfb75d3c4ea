import { app, type InvocationContext, type Timer } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { defaultSweepSchedule } from '../shared/config/sweepSchedule.ts';
import { contextLog, errorFields } from '../shared/telemetry/log.ts';
import { pruneRuns, startRun } from '../shared/worker/runs.ts';

/** Starts a run on every hub that is not paused. One hub's trouble does not keep the others from theirs. */
export async function nightlySweep(timer: Timer, context: InvocationContext): Promise<void> {
  const log = contextLog(context);
  const services = await appHost().app();
  const troubles: unknown[] = [];
  for (const { hub } of services.hubs.values()) {
    if (hub.paused) {
      log.warn('A paused hub is not swept', { hub: hub.name });
      continue;
    }
    try {
      const { run, alreadyRunning } = await startRun(services, hub.name, false);
      log.info('Sweep started', { hub: hub.name, runId: run.runId, alreadyRunning, isPastDue: timer.isPastDue });
      await services.rings.ring(hub.name, 0);
      await pruneRuns(services, hub.name);
    } catch (error) {
      log.error('A sweep could not be started', { hub: hub.name, ...errorFields(error) });
      troubles.push(error);
    }
  }
  if (troubles.length > 0) throw new AggregateError(troubles, `${troubles.length} sweeps could not be started.`);
}

// Without the setting, the host could not resolve `%SWEEP_SCHEDULE%` and would not run the function at all.
const schedule = process.env.SWEEP_SCHEDULE ? '%SWEEP_SCHEDULE%' : defaultSweepSchedule;

app.timer('nightlySweep', { schedule, handler: nightlySweep });
