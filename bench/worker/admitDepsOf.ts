import type { AdmitDeps } from '../../shared/intake/admitDevice.ts';
import { IntakeLimiter } from '../../shared/intake/intakeLimiter.ts';
import { cachedLeases } from '../../shared/storage/cachedLeases.ts';
import { coalescedWakeUps } from '../../shared/storage/coalescedWakeUps.ts';
import type { WorkerHost } from './workerHost.ts';

/** Returns the dependencies of the intake, built as in the app, with the storage of the worker. */
export function admitDepsOf({ deps }: WorkerHost): AdmitDeps {
  return {
    ...deps,
    limiter: new IntakeLimiter(deps.hub, deps),
    cachedLeases: cachedLeases(deps.leases, deps.clock),
    isNearlyFull: () => Promise.resolve(false),
    rollouts: () => Promise.resolve(undefined),
    wakeUps: coalescedWakeUps(deps.wakeUps, deps.clock),
  };
}
