import { DoorBucket } from '../../shared/hub/intakeBucket.ts';
import type { AdmitDeps } from '../../shared/intake/admitDevice.ts';
import { cachedLeases } from '../../shared/storage/cachedLeases.ts';
import { coalescedRings } from '../../shared/storage/coalescedWakeUps.ts';
import type { WorkerHost } from './workerHost.ts';

/** The door's dependencies, put together as the app does it, over the same storage as the worker's. */
export function admitDepsOf({ deps }: WorkerHost): AdmitDeps {
  return {
    ...deps,
    bucket: new DoorBucket(deps.hub, deps.clock),
    calmLeases: cachedLeases(deps.leases, deps.clock),
    isNearlyFull: () => Promise.resolve(false),
    rings: coalescedRings(deps.rings, deps.clock),
  };
}
