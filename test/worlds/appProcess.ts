import { type AdmitDeps, admitDevice } from '../../shared/intake/admitDevice.ts';
import { IntakeLimiter } from '../../shared/intake/intakeLimiter.ts';
import { isNearlyFull, readHubDocument } from '../../shared/run/hubDocument.ts';
import { cachedByHub } from '../../shared/storage/cachedByHub.ts';
import { cachedLeases } from '../../shared/storage/cachedLeases.ts';
import { coalescedWakeUps } from '../../shared/storage/coalescedWakeUps.ts';
import type { HubWorkerDeps } from '../../shared/worker/hubWorker.ts';
import { watchHub } from '../../shared/worker/watch.ts';
import type { FakeClock } from '../support/fakeClock.ts';
import type { MemoryWakeUps } from '../support/memoryStorage.ts';
import { MortalProcess } from '../support/mortalProcess.ts';
import { type FetchRule, QueueInstance } from '../support/queueInstance.ts';
import type { Disturbance } from './anyWorld.ts';
import type { WorldHub } from './worldHub.ts';

/** The host asks an empty queue again after this time (`maxPollingInterval` of host.json). */
const pollEveryMs = 2_000;
/** How long the end of the worker leaves to what runs (WorkerConstants in the Functions host). */
const stopMs = 5_000;
/** A message of a host that died is shown again after its visibility of ten minutes, one of a Node worker after one. */
const shownAgainMs = { hostDies: 600_000, workerDies: 60_000, stops: 600_000 };

interface HubInProcess {
  mortal: MortalProcess;
  worker: HubWorkerDeps;
  admit: AdmitDeps;
}

/** One instance of the app, wired as `shared/app.ts` does, with the queue trigger of the host. */
export class AppProcess {
  readonly startedMs: number;
  endedMs = Number.POSITIVE_INFINITY;
  readonly instance: QueueInstance;
  private readonly hubs: ReadonlyMap<string, HubInProcess>;
  private readonly clock: FakeClock;
  private readonly stopping = new AbortController();

  constructor(
    hubs: readonly WorldHub[],
    {
      clock,
      queue,
      rule,
      onFailure,
    }: {
      clock: FakeClock;
      queue: MemoryWakeUps;
      rule: FetchRule;
      onFailure: (error: unknown, isStopping: boolean) => void;
    },
  ) {
    this.clock = clock;
    this.startedMs = clock.elapsedMs();
    this.hubs = new Map(hubs.map((hub) => [hub.name, this.wire(hub)]));
    const depsOf = (hub: string) => this.of(hub).worker;
    this.instance = new QueueInstance({ queue, clock, rule, depsOf, onFailure });
    void this.pollUntilItEnds();
  }

  get isAlive(): boolean {
    return this.clock.elapsedMs() < this.endedMs && !this.stopping.signal.aborted;
  }

  /** Throws as `admitDevice`; never resolves if the process dies. */
  admit(hub: string, deviceId: string): Promise<void> {
    return admitDevice(this.of(hub).admit, deviceId);
  }

  /** One round of `watchHubs`; a hub whose check fails waits for the next round. */
  async watch(): Promise<unknown[]> {
    const results = await Promise.allSettled([...this.hubs.values()].map(({ worker }) => watchHub(worker)));
    return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  }

  /** Resolves when the process is gone. */
  async end(kind: Disturbance['kind']): Promise<void> {
    if (kind === 'stops') {
      this.stopping.abort();
      this.instance.drain();
      await this.clock.sleep(stopMs);
    }
    this.endedMs = this.clock.elapsedMs();
    for (const { mortal } of this.hubs.values()) mortal.kill();
    this.instance.die(shownAgainMs[kind]);
  }

  private of(hub: string): HubInProcess {
    const found = this.hubs.get(hub);
    if (!found) throw new Error(`no hub ${hub}`);
    return found;
  }

  private wire({ bench }: WorldHub): HubInProcess {
    const mortal = new MortalProcess(bench.deps);
    const { clock, leases, documents, wakeUps: queue } = mortal.deps;
    const wakeUps = {
      ...coalescedWakeUps(queue, clock),
      waiting: () => queue.waiting(),
      poisonedCount: () => queue.poisonedCount(),
      sendDelayed: (hub: string, delayMs: number) => queue.sendDelayed(hub, delayMs),
    };
    const worker = { ...mortal.deps, wakeUps, stopping: this.stopping.signal };
    const isFull = async (hub: string) => isNearlyFull(await readHubDocument(documents, hub));
    const admit = {
      ...worker,
      registry: mortal.mortal(bench.hub.registry('intake')),
      limiter: new IntakeLimiter(bench.config, { documents, clock }),
      cachedLeases: cachedLeases(leases, clock),
      isNearlyFull: cachedByHub(isFull, clock, 60_000),
      rollouts: async (hub: string) => (await readHubDocument(documents, hub)).rollouts,
    };
    return { mortal, worker, admit };
  }

  private async pollUntilItEnds(): Promise<void> {
    while (this.isAlive) {
      this.instance.poll();
      await this.clock.sleep(pollEveryMs);
    }
  }
}
