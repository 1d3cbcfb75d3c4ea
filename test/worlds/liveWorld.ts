import { repeatableRandom } from '../../local/repeatableRandom.ts';
import { readHubDocument } from '../../shared/run/hubDocument.ts';
import { StorageOutageError } from '../support/failingWhile.ts';
import { FakeClock } from '../support/fakeClock.ts';
import { MemoryWakeUps } from '../support/memoryStorage.ts';
import { spec } from '../support/policy.ts';
import { type Arrival, type Disturbance, forEver, type WorldDraw } from './anyWorld.ts';
import { AppProcess } from './appProcess.ts';
import { busyUntilMs } from './busyUntil.ts';
import { deliverEvent } from './eventGrid.ts';
import { Observer } from './observer.ts';
import { secondModule, WorldHub } from './worldHub.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const watchEveryMs = 5 * minuteMs;
const lookEveryMs = 15 * secondMs;
/** The SDK of storage gives up after this time where nothing responds. */
const storageTimeoutMs = 15_500;
const limitMs = 4 * 60 * minuteMs;

/**
 * Lets a drawn world happen on a fake clock: hubs with their moods, instances with the host's queue trigger that end and start,
 * the timer of the watch, Event Grid, outages of storage, steps of the system clock.
 */
export class LiveWorld {
  readonly draw: WorldDraw;
  readonly clock = new FakeClock();
  readonly queue = new MemoryWakeUps(this.clock);
  readonly hubs: readonly WorldHub[];
  /** All that ever were. */
  readonly processes: AppProcess[] = [];
  readonly observer = new Observer(this);
  /** Errors other than those of storage outages. */
  readonly unexpected: unknown[] = [];
  private readonly instances: AppProcess[] = [];
  private readonly random: () => number;

  constructor(draw: WorldDraw) {
    this.draw = draw;
    const { clock, queue } = this;
    const random = repeatableRandom(draw.seed);
    this.random = random;
    this.hubs = draw.hubs.map(
      (hub, index) => new WorldHub(index, hub, { clock, queue, random, sliceMs: draw.sliceMs }),
    );
    for (const { bench } of this.hubs) {
      bench.storageIsDown = () => this.outageNow()?.hangs === false;
      bench.idleTimeout = { isHanging: () => this.outageNow()?.hangs === true, afterMs: storageTimeoutMs };
    }
  }

  /** Resolves when all hubs that serve the app have nothing left to do. Throws if that takes too long. */
  async run(): Promise<void> {
    for (let index = 0; index < this.draw.instances; index++) this.instances.push(this.newProcess());
    for (const event of this.events()) event.catch((error: unknown) => this.unexpected.push(error));
    const untilMs = busyUntilMs(this.draw);
    while (this.clock.elapsedMs() < untilMs || !(await this.isQuiet())) {
      await this.clock.advance(lookEveryMs);
      await this.observer.look();
      if (this.unexpected.length > 0) return;
      if (this.clock.elapsedMs() > limitMs) throw new Error(`not quiet: ${await this.observer.describe()}`);
    }
  }

  private events(): Promise<void>[] {
    const { disturbances, clockSteps, policyChangedAtMs } = this.draw;
    const settings = this.hubs.flatMap(({ draw, bench }) =>
      draw.pausedUntilMs === undefined || draw.pausedUntilMs === forEver
        ? []
        : [this.changeSettings(draw.pausedUntilMs, () => Object.assign(bench.config, { paused: false }))],
    );
    if (policyChangedAtMs !== undefined)
      settings.push(this.changeSettings(policyChangedAtMs, () => this.changePolicy()));
    return [
      ...settings,
      ...clockSteps.map(({ atMs, backByMs }) => this.clock.sleep(atMs).then(() => this.clock.setBack(backByMs))),
      ...disturbances.map((disturbance) => this.disturb(disturbance)),
      ...this.hubs.map((hub) => this.startRuns(hub)),
      ...this.hubs.flatMap((hub) => hub.draw.arrivals.map((arrival) => this.createDevice(hub, arrival))),
      ...this.hubs.map((hub) => this.cancelRuns(hub)),
      this.watch(),
    ];
  }

  private newProcess(): AppProcess {
    const { clock, queue, hubs } = this;
    const { rule } = this.draw;
    // A process that stops does not wait for the end of an outage of storage.
    const onFailure = (error: unknown, isStopping: boolean) => {
      const wasOut = this.draw.outages.some(({ fromMs }) => fromMs <= this.clock.elapsedMs());
      if (!isStopping || !wasOut) this.note(error);
    };
    const process = new AppProcess(hubs, { clock, queue, rule, onFailure });
    this.processes.push(process);
    return process;
  }

  private note(error: unknown): void {
    if (!(error instanceof StorageOutageError)) this.unexpected.push(error);
  }

  private async startRuns({ bench, draw, name }: WorldHub): Promise<void> {
    if (bench.config.paused) return; // refused, as `nightlySweep` and HTTP do
    for (const kind of draw.runs) await this.untilStorageServes(() => bench.start(kind === 'dry'));
    if (draw.runs.length > 0) await this.queue.send(name, 0);
  }

  /** Timers and people try again a minute later. */
  private async untilStorageServes(work: () => Promise<unknown>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        if (!(error instanceof StorageOutageError)) throw error;
        await this.clock.sleep(minuteMs);
      }
    }
  }

  private async cancelRuns({ bench, draw }: WorldHub): Promise<void> {
    if (draw.cancelledAtMs === undefined) return;
    await this.clock.sleep(draw.cancelledAtMs);
    const { activeRun, queuedRun } = await readHubDocument(bench.documents, bench.config.name);
    for (const ref of [activeRun, queuedRun]) if (ref) await this.untilStorageServes(() => bench.cancel(ref.runId));
  }

  private async createDevice(hub: WorldHub, { atMs, deletedAfterMs }: Arrival): Promise<void> {
    await this.clock.sleep(atMs);
    const newcomer = hub.addNewcomer();
    if (deletedAfterMs !== undefined) void this.clock.sleep(deletedAfterMs).then(() => hub.delete(newcomer));
    newcomer.acceptedMs = await deliverEvent(
      {
        clock: this.clock,
        random: this.random,
        alive: () => this.instances.filter((instance) => instance.isAlive),
        wasOutSince: (fromMs) =>
          this.draw.outages.some(
            (outage) => outage.fromMs + outage.forMs >= fromMs && outage.fromMs <= this.clock.elapsedMs(),
          ),
        onError: (error) => this.note(error),
      },
      hub.name,
      newcomer.deviceId,
    );
  }

  private async disturb({ atMs, kind, instance, backAfterMs }: Disturbance): Promise<void> {
    await this.clock.sleep(atMs);
    const process = this.instances[instance];
    if (!process?.isAlive) return;
    await process.end(kind);
    await this.clock.sleep(backAfterMs);
    if (this.instances[instance] === process) this.instances[instance] = this.newProcess();
  }

  /** New settings start every instance anew. */
  private async changeSettings(atMs: number, change: () => void): Promise<void> {
    await this.clock.sleep(atMs);
    const alive = this.instances.filter((instance) => instance.isAlive);
    await Promise.all(alive.map((instance) => instance.end('stops')));
    change();
    for (const [index, instance] of this.instances.entries()) {
      if (alive.includes(instance)) this.instances[index] = this.newProcess();
    }
  }

  private changePolicy(): void {
    for (const { bench } of this.hubs) bench.policy = [spec(), spec({ moduleId: secondModule })];
  }

  private async watch(): Promise<void> {
    for (let round = 1; ; round++) {
      await this.clock.sleep(round * watchEveryMs - this.clock.elapsedMs());
      let watching = this.instances.find((instance) => instance.isAlive);
      while (!watching) {
        await this.clock.sleep(secondMs);
        watching = this.instances.find((instance) => instance.isAlive);
      }
      for (const error of await watching.watch()) this.note(error);
    }
  }

  private outageNow(): WorldDraw['outages'][number] | undefined {
    const nowMs = this.clock.elapsedMs();
    return this.draw.outages.find(({ fromMs, forMs }) => nowMs >= fromMs && nowMs < fromMs + forMs);
  }

  private async isQuiet(): Promise<boolean> {
    for (const hub of this.hubs) {
      if (hub.staysPaused || hub.staysSick) continue;
      if (await this.observer.isBusy(hub)) return false;
    }
    return true;
  }
}
