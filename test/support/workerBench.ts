import type { HubConfig } from '../../shared/config/config.ts';
import { tierLimits } from '../../shared/config/tierLimits.ts';
import type { Policy } from '../../shared/policy/moduleSpec.ts';
import type { PolicyReader } from '../../shared/policyStore/policyReader.ts';
import { listRunIds, readRun } from '../../shared/run/readRuns.ts';
import type { Run, Starter } from '../../shared/run/run.ts';
import { cancelRun, startRun } from '../../shared/run/runStore.ts';
import { noTelemetry, type Telemetry } from '../../shared/telemetry/telemetry.ts';
import { type HubWorkerDeps, workOnHub } from '../../shared/worker/hubWorker.ts';
import { watchHub } from '../../shared/worker/watch.ts';
import { failingWhile } from './failingWhile.ts';
import { FakeClock } from './fakeClock.ts';
import { FakeHub } from './fakeHub.ts';
import { MemoryLog } from './memoryLog.ts';
import { MemoryDocuments, MemoryLeases, MemoryPending, MemoryWakeUps } from './memoryStorage.ts';
import { fixedPolicy, spec } from './policy.ts';

/** The real worker, with a hub, storage and a clock in memory. */
export class WorkerBench {
  readonly clock: FakeClock;
  readonly hub: FakeHub;
  readonly documents = new MemoryDocuments();
  readonly leases: MemoryLeases;
  readonly pending: MemoryPending;
  readonly wakeUps: MemoryWakeUps;
  /** While it returns true, every storage call of the worker fails. */
  storageIsDown: () => boolean = () => false;
  /** While `isHanging` returns true, every storage call of the worker fails `afterMs` after its start. */
  idleTimeout: { isHanging: () => boolean; afterMs: number } | undefined;
  readonly log = new MemoryLog();
  stopping = new AbortController();
  policy: Policy = [spec()];
  /** Takes the place of `policy`. */
  policies: PolicyReader | undefined;
  telemetry: Telemetry = noTelemetry;
  sliceMs = 240_000;
  private draws = 0;
  config: HubConfig = {
    name: 'contoso',
    hostName: 'contoso.azure-devices.net',
    auth: { kind: 'entra' },
    tier: 'S1',
    units: 1,
    budgetPercent: 50,
    paused: false,
    limits: tierLimits('S1', 1),
  };

  /** Benches of several hubs can share a clock, and the queue of wake-ups. */
  constructor(clock = new FakeClock(), wakeUps = new MemoryWakeUps(clock)) {
    this.clock = clock;
    this.hub = new FakeHub(clock);
    this.leases = new MemoryLeases(clock);
    this.pending = new MemoryPending(clock);
    this.wakeUps = wakeUps;
  }

  get deps(): HubWorkerDeps & { policy: Policy } {
    const isDown = () => this.storageIsDown() || this.idleTimeout?.isHanging() === true;
    const waitForTimeout = () => this.clock.sleep(this.idleTimeout?.isHanging() ? this.idleTimeout.afterMs : 0);
    const storage = <Store extends object>(store: Store) => failingWhile(isDown, store, waitForTimeout);
    return {
      hub: this.config,
      registry: this.hub.registry(),
      policy: this.policy,
      policies: this.policies ?? fixedPolicy(this.policy),
      documents: storage(this.documents),
      leases: storage(this.leases),
      pending: storage(this.pending),
      wakeUps: storage(this.wakeUps),
      clock: this.clock,
      random: () => (this.draws++ % 97) / 97,
      log: this.log,
      telemetry: this.telemetry,
      sliceMs: this.sliceMs,
      functionTimeoutMs: 600_000,
      stopping: this.stopping.signal,
    };
  }

  /** Invokes the worker once. Returns whether work remains. */
  slice(): Promise<boolean> {
    return this.clock.run(workOnHub(this.deps));
  }

  /** Invokes the worker until no work remains. Returns the number of invocations. */
  async slices(max = 1000): Promise<number> {
    for (let count = 1; count <= max; count++) if (!(await this.slice())) return count;
    throw new Error(`work remains after ${max} slices`);
  }

  async start(dryRun = false, startedBy: Starter = 'http'): Promise<Run> {
    return (await startRun(this.deps, this.config.name, { dryRun, startedBy })).run;
  }

  cancel(runId: string): Promise<Run | undefined> {
    return cancelRun(this.deps, this.config.name, runId);
  }

  watch(): Promise<void> {
    return watchHub(this.deps);
  }

  /** All runs of the hub, newest first. */
  async runs(): Promise<Run[]> {
    const runIds = await listRunIds(this.documents, this.config.name);
    return Promise.all(runIds.map((runId) => this.run(runId)));
  }

  async run(runId: string): Promise<Run> {
    const run = await readRun(this.documents, this.config.name, runId);
    if (!run) throw new Error(`no run ${runId}`);
    return run;
  }
}
