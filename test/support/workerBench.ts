import type { HubConfig } from '../../shared/config/config.ts';
import { tierLimits } from '../../shared/config/tierLimits.ts';
import type { Policy } from '../../shared/policy/moduleSpec.ts';
import type { Run } from '../../shared/run/run.ts';
import { cancelRun, readRun, startRun } from '../../shared/run/runStore.ts';
import { noTelemetry, type Telemetry } from '../../shared/telemetry/telemetry.ts';
import { workOnHub } from '../../shared/worker/hubWorker.ts';
import { watchHub } from '../../shared/worker/watch.ts';
import type { WorkerDeps } from '../../shared/worker/workerDeps.ts';
import { failingWhile } from './failingWhile.ts';
import { FakeClock } from './fakeClock.ts';
import { FakeHub } from './fakeHub.ts';
import { MemoryLog } from './memoryLog.ts';
import { MemoryDocuments, MemoryLeases, MemoryPending, MemoryWakeUps } from './memoryStorage.ts';
import { spec } from './policy.ts';

/** A hub, a store and a clock in memory, and the real worker between them. */
export class WorkerBench {
  readonly clock: FakeClock;
  readonly hub: FakeHub;
  readonly documents = new MemoryDocuments();
  readonly leases: MemoryLeases;
  readonly pending: MemoryPending;
  readonly wakeUps: MemoryWakeUps;
  /** While it answers true, every call of the worker to storage fails. */
  storageIsDown: () => boolean = () => false;
  /** While storage is silent, every call of the worker to it fails so long after it was made. */
  silence: { isSilent: () => boolean; afterMs: number } | undefined;
  readonly log = new MemoryLog();
  stopping = new AbortController();
  policy: Policy = [spec()];
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

  /** Benches of several hubs share a clock. */
  constructor(clock = new FakeClock()) {
    this.clock = clock;
    this.hub = new FakeHub(clock);
    this.leases = new MemoryLeases(clock);
    this.pending = new MemoryPending(clock);
    this.wakeUps = new MemoryWakeUps(clock);
  }

  get deps(): WorkerDeps {
    const isDown = () => this.storageIsDown() || this.silence?.isSilent() === true;
    const silently = () => this.clock.sleep(this.silence?.isSilent() ? this.silence.afterMs : 0);
    const storage = <Store extends object>(store: Store) => failingWhile(isDown, store, silently);
    return {
      hub: this.config,
      registry: this.hub.registry(),
      policy: this.policy,
      documents: storage(this.documents),
      leases: storage(this.leases),
      pending: storage(this.pending),
      wakeUps: storage(this.wakeUps),
      clock: this.clock,
      random: () => (this.draws++ % 97) / 97,
      log: this.log,
      telemetry: this.telemetry,
      sliceMs: this.sliceMs,
      stopping: this.stopping.signal,
    };
  }

  /** One invocation of the worker. */
  slice(): Promise<boolean> {
    return this.clock.run(workOnHub(this.deps));
  }

  /** Invocations of the worker until none is left to do; answers how many there were. */
  async slices(max = 1000): Promise<number> {
    for (let count = 1; count <= max; count++) if (!(await this.slice())) return count;
    throw new Error(`not done after ${max} slices`);
  }

  async start(dryRun = false): Promise<Run> {
    return (await startRun(this.deps, this.config.name, dryRun)).run;
  }

  cancel(runId: string): Promise<Run | undefined> {
    return cancelRun(this.deps, this.config.name, runId);
  }

  watch(): Promise<void> {
    return watchHub(this.deps);
  }

  async run(runId: string): Promise<Run> {
    const run = await readRun(this.documents, this.config.name, runId);
    if (!run) throw new Error(`no run ${runId}`);
    return run;
  }
}
