import type { Clock } from '../../shared/clock.ts';
import type { HubConfig } from '../../shared/config/config.ts';
import { azureRegistry } from '../../shared/hub/azureRegistry.ts';
import type { Registry } from '../../shared/hub/registry.ts';
import { defaultSpec, type Policy } from '../../shared/policy/moduleSpec.ts';
import type { Run } from '../../shared/run/run.ts';
import { startRun } from '../../shared/run/runStore.ts';
import { noTelemetry } from '../../shared/telemetry/telemetry.ts';
import { type HubWorkerDeps, workOnHub } from '../../shared/worker/hubWorker.ts';
import { MemoryDocuments, MemoryLeases, MemoryPending, MemoryWakeUps } from '../../test/support/memoryStorage.ts';
import { fixedPolicy } from '../../test/support/policy.ts';
import { workToEnd } from '../../test/support/workToEnd.ts';
import { moduleId } from './fleetOptions.ts';
import { KeptErrors } from './keptErrors.ts';

/** The default of `SLICE_SECONDS`. */
const sliceMs = 240_000;
const functionTimeoutMs = 600_000;

/** The real worker and the real registry, with storage in memory. A loop replaces the Functions host. */
export class WorkerHost {
  readonly log = new KeptErrors();
  readonly pending: MemoryPending;
  readonly wakeUps: MemoryWakeUps;
  readonly deps: HubWorkerDeps;

  constructor(hub: HubConfig, clock: Clock, policy: Policy = [defaultSpec(moduleId)]) {
    this.pending = new MemoryPending(clock);
    this.wakeUps = new MemoryWakeUps(clock);
    this.deps = {
      ...{
        hub,
        clock,
        sliceMs,
        functionTimeoutMs,
        log: this.log,
        random: Math.random,
        policies: fixedPolicy(policy),
      },
      ...{ registry: realRegistry(hub), documents: new MemoryDocuments(), leases: new MemoryLeases(clock) },
      ...{ pending: this.pending, wakeUps: this.wakeUps, stopping: new AbortController().signal },
      telemetry: noTelemetry,
    };
  }

  /** Runs one slice. Returns whether work remains. */
  slice(): Promise<boolean> {
    return workOnHub(this.deps);
  }

  /** Runs a whole sweep and returns its run. Rejects if its status is not `done`. */
  async sweep(): Promise<Run> {
    const { run } = await startRun(this.deps, this.deps.hub.name, { dryRun: false, startedBy: 'http' });
    const ended = await workToEnd(this.deps, run);
    if (ended.status !== 'done') throw new Error(`The run ended ${ended.status}: ${ended.reason}`);
    return ended;
  }
}

/** Returns the registry of the app, with a SAS key. */
function realRegistry(hub: HubConfig): Registry {
  return azureRegistry(hub, () => Promise.reject(new Error('The benchmark has no Entra ID')));
}
