import { tierLimits } from '../../shared/config/tierLimits.ts';
import { defaultIdleTimeoutMs } from '../../shared/hub/connectHub.ts';
import type { FakeClock } from '../support/fakeClock.ts';
import type { Operation } from '../support/fakeHub.ts';
import type { MemoryWakeUps } from '../support/memoryStorage.ts';
import { agent, spec } from '../support/policy.ts';
import { WorkerBench } from '../support/workerBench.ts';
import { forEver, type HubDraw, type Mood } from './anyWorld.ts';

/** A device whose event came. */
interface Newcomer {
  deviceId: string;
  /** When the delivery of its event began that an instance acknowledged. */
  acceptedMs?: number;
  isDeleted: boolean;
  hasModuleMs?: number;
}

export const secondModule = 'secondModule';

/** Reads and creates of the device with the failures of its own. */
const ownFailureOf: Record<'create' | 'read', readonly Operation[]> = {
  create: ['createModule', 'createModules'],
  read: ['getDevice', 'hasModule'],
};

/** One hub of a world: its devices, its moods, and what happened to it. Times are relative to the start of the world. */
export class WorldHub {
  readonly name: string;
  readonly draw: HubDraw;
  readonly bench: WorkerBench;
  /** Those that were there at the beginning, and exist. */
  readonly firstDevices: string[] = [];
  readonly newcomers: Newcomer[] = [];
  /** Modules that were made, with those that were there at the beginning. */
  made = 0;
  private readonly clock: FakeClock;
  private readonly random: () => number;

  constructor(
    index: number,
    draw: HubDraw,
    {
      clock,
      queue,
      random,
      sliceMs,
    }: { clock: FakeClock; queue: MemoryWakeUps; random: () => number; sliceMs: number },
  ) {
    this.name = `hub-${index}`;
    this.draw = draw;
    this.clock = clock;
    this.random = random;
    this.bench = new WorkerBench(clock, queue);
    this.bench.config = {
      ...this.bench.config,
      name: this.name,
      tier: draw.tier,
      limits: tierLimits(draw.tier, 1),
      auth: draw.auth === 'sas' ? { kind: 'sas', connectionString: `HostName=${this.name}` } : { kind: 'entra' },
      paused: draw.pausedUntilMs !== undefined,
    };
    this.bench.sliceMs = sliceMs;
    this.bench.policy = [spec()];
    this.bench.hub.reachesDisabledDevices = draw.auth === 'entra';
    this.bench.hub.onCall = (operation, deviceIds) => this.onCall(operation, deviceIds);
    this.bench.hub.afterCall = () => this.afterCall();
    this.addFleet();
    this.watchModules();
  }

  /** The device whose own calls fail. */
  get failingDevice(): string | undefined {
    return this.draw.ownFailure === undefined ? undefined : this.firstDevices[0];
  }

  /** Whether it never serves the app again once its mood has begun. */
  get staysSick(): boolean {
    return this.draw.mood.kind !== 'healthy' && this.draw.mood.kind !== 'throttled' && this.draw.mood.forMs === forEver;
  }

  get staysPaused(): boolean {
    return this.draw.pausedUntilMs === forEver;
  }

  /** Whether it has no fault but slow and lost responses and single devices. */
  get isHealthy(): boolean {
    return this.draw.mood.kind === 'healthy' && this.draw.pausedUntilMs === undefined;
  }

  addNewcomer(): Newcomer {
    const newcomer: Newcomer = { deviceId: `new-${this.newcomers.length}`, isDeleted: false };
    this.newcomers.push(newcomer);
    this.bench.hub.addDevice(newcomer.deviceId);
    return newcomer;
  }

  delete(newcomer: Newcomer): void {
    newcomer.isDeleted = true;
    this.bench.hub.deleteDevice(newcomer.deviceId);
  }

  hasModule(deviceId: string, moduleId = agent): boolean {
    return this.bench.hub.moduleOf(deviceId, moduleId) !== undefined;
  }

  private addFleet(): void {
    const { devices, covered, disabled, ghosts, ownFailure } = this.draw;
    const { hub } = this.bench;
    for (let index = 0; index < devices; index++) {
      const deviceId = `device-${index}`;
      const isDisabled = index > 0 && index <= disabled;
      hub.addDevice(deviceId, isDisabled ? { status: 'disabled' } : {});
      this.firstDevices.push(deviceId);
      const fails = index === 0 && ownFailure !== undefined;
      if (!fails && this.random() < covered) hub.addModule(deviceId, agent);
    }
    for (let index = 0; index < ghosts; index++) {
      hub.addDevice(`ghost-${index}`);
      hub.deleteDevice(`ghost-${index}`, { staysInIndex: true });
    }
  }

  private watchModules(): void {
    const { hub } = this.bench;
    const addModule = hub.addModule.bind(hub);
    hub.addModule = (deviceId, moduleId, made) => {
      this.made += 1;
      addModule(deviceId, moduleId, made);
      const newcomer = this.newcomers.find((one) => one.deviceId === deviceId);
      if (newcomer) newcomer.hasModuleMs ??= this.clock.elapsedMs();
    };
  }

  private async onCall(operation: Operation, deviceIds: readonly string[]): Promise<void> {
    const { hub } = this.bench;
    const { responsesUpToMs, ownFailure } = this.draw;
    if (responsesUpToMs > 0) await this.clock.sleep(this.random() * responsesUpToMs);
    const failing = this.failingDevice;
    if (ownFailure && failing && ownFailureOf[ownFailure].includes(operation) && deviceIds.includes(failing)) {
      throw hub.error('unavailable', { status: 500 });
    }
    switch (this.moodNow()) {
      case 'healthy':
        return;
      case 'hangs':
        await this.clock.sleep(defaultIdleTimeoutMs);
        throw hub.error('unavailable', { code: 'ETIMEDOUT' });
      case 'unavailable':
        throw hub.error('unavailable', { status: 503 });
      case 'unauthorized':
        throw hub.error('unauthorized', { status: 401 });
      case 'forbidden':
        throw hub.error('forbidden', { status: 403 });
      case 'throttled':
        if (this.random() < 0.5) throw hub.error('throttled', { status: 429 });
    }
  }

  private afterCall(): void {
    if (this.random() < this.draw.lostResponses) throw this.bench.hub.error('unavailable', { code: 'ECONNRESET' });
  }

  private moodNow(): Mood['kind'] {
    const { kind, fromMs, forMs } = this.draw.mood;
    const nowMs = this.clock.elapsedMs();
    // Others never take half of a hub for ever: a sweep of 200 devices would take hours.
    const lastsMs = kind === 'throttled' ? Math.min(forMs, 360_000) : forMs;
    return nowMs >= fromMs && nowMs < fromMs + lastsMs ? kind : 'healthy';
  }
}
