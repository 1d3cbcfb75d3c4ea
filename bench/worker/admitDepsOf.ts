import { IntakeBucket } from '../../shared/hub/intakeBucket.ts';
import type { AdmitDeps } from '../../shared/intake/admitDevice.ts';
import { cachedLeases } from '../../shared/storage/cachedLeases.ts';
import { coalescedWakeUps } from '../../shared/storage/coalescedWakeUps.ts';
import type { WorkerHost } from './workerHost.ts';

/** The door's dependencies, put together as the app does it, over the same storage as the worker's. */
export function admitDepsOf({ deps }: WorkerHost): AdmitDeps {
  return {
    ...deps,
    bucket: new IntakeBucket(deps.hub, deps.clock),
    cachedLeases: cachedLeases(deps.leases, deps.clock),
    isNearlyFull: () => Promise.resolve(false),
    wakeUps: coalescedWakeUps(deps.wakeUps, deps.clock),
  };
}
