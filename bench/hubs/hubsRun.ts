import v8 from 'node:v8';
import vm from 'node:vm';
import { defaultIdleTimeoutMs } from '../../shared/hub/connectHub.ts';
import { admitDevice } from '../../shared/intake/admitDevice.ts';
import { IntakeLimiter } from '../../shared/intake/intakeLimiter.ts';
import { defaultSpec } from '../../shared/policy/moduleSpec.ts';
import { isLive, type Run } from '../../shared/run/run.ts';
import { cachedLeases } from '../../shared/storage/cachedLeases.ts';
import { FakeClock } from '../../test/support/fakeClock.ts';
import { MemoryWakeUps } from '../../test/support/memoryStorage.ts';
import { type FetchRule, QueueInstance } from '../../test/support/queueInstance.ts';
import { WorkerBench } from '../../test/support/workerBench.ts';
import { moduleId } from '../worker/fleetOptions.ts';

/** The hubs that one instance sweeps. */
export interface HubsOptions {
  /** S1 hubs of one unit whose devices all have the module. */
  hubs: number;
  devices: number;
  /** How many of the hubs, the first ones, accept calls and never respond: the gate ends each call after its idle timeout. */
  hanging: number;
  rule: FetchRule;
}

/** The result; times are those of the fake clock. */
export interface HubsRun {
  /** Time until every hub that responds is swept. */
  minutes: number;
  done: number;
  failed: number;
  /** Runs that have not ended, in most cases because their hub does not respond. */
  waiting: number;
  /** The most wake-ups in the queue, visible or delayed, without guards; looked at whenever `watchHubs` runs. */
  mostWakeUps: number;
  invocations: number;
  failedInvocations: number;
  /**
   * Time until all of eight devices that are created at once on the last hub have their modules; the limit of the run if they never
   * have.
   */
  longestWaitSeconds: number;
  /** Most heap in use after a garbage collection, minus that before the start; measured after a minute and whenever `watchHubs` runs. */
  heapMib: number;
}

const secondMs = 1_000;
const watchEveryMs = 300_000;
const limitMs = 4 * 3600_000;
/** The median of the calls to a live hub (`fleetOptions.ts`). */
const responseMs = 135;
/** Three more than the intake has slots for one hub. */
const newDevices = 8;
const newDevicesAfterMs = 60_000;

/** Sweeps all hubs with one instance, as after `nightlySweep`, on a fake clock. */
export async function hubsRun({ hubs, devices, hanging, rule }: HubsOptions): Promise<HubsRun> {
  const clock = new FakeClock();
  const queue = new MemoryWakeUps(clock);
  const benches = Array.from({ length: hubs }, (_, index) =>
    hubOf(index, { clock, queue, devices, hangs: index < hanging }),
  );
  const byName = new Map(benches.map((bench) => [bench.config.name, bench]));
  const depsOf = (hub: string) => {
    const bench = byName.get(hub);
    if (!bench) throw new Error(`no hub ${hub}`);
    return bench.deps;
  };
  const instance = new QueueInstance({ queue, clock, rule, depsOf });
  const responding = benches.slice(hanging);
  const heapBefore = heapInUse();
  const startedAtMs = clock.now();
  const arrivalsAtMs = startedAtMs + newDevicesAfterMs;
  const lastHub = benches.at(-1);
  let [heapMost, mostWakeUps, longestWaitSeconds, watchAtMs] = [0, 0, Number.NaN, startedAtMs + watchEveryMs];
  let endedAtMs: number | undefined;
  for (const bench of benches) {
    const { hub } = await bench.start();
    await queue.send(hub, 0);
  }
  while (clock.now() < startedAtMs + limitMs && (endedAtMs === undefined || Number.isNaN(longestWaitSeconds))) {
    instance.poll();
    if (clock.now() === arrivalsAtMs && lastHub) {
      heapMost = Math.max(heapMost, heapInUse());
      createAtOnce(lastHub);
    }
    if (clock.now() >= watchAtMs) {
      watchAtMs += watchEveryMs;
      for (const bench of benches) await bench.watch();
      heapMost = Math.max(heapMost, heapInUse());
      mostWakeUps = Math.max(mostWakeUps, queue.sent.length);
    }
    await clock.advance(secondMs);
    if (clock.now() > arrivalsAtMs && Number.isNaN(longestWaitSeconds) && lastHub && hasAll(lastHub)) {
      longestWaitSeconds = (clock.now() - arrivalsAtMs) / secondMs;
    }
    if (clock.now() % 10_000 === 0 && !(await runsOf(responding)).some(isLive)) endedAtMs ??= clock.now();
  }
  const runs = await runsOf(benches);
  return {
    minutes: ((endedAtMs ?? clock.now()) - startedAtMs) / 60_000,
    done: runs.filter(({ status }) => status === 'done').length,
    failed: runs.filter(({ status }) => status === 'failed').length,
    waiting: runs.filter(isLive).length,
    mostWakeUps,
    invocations: instance.invocations,
    failedInvocations: instance.failures,
    longestWaitSeconds: Number.isNaN(longestWaitSeconds) ? limitMs / secondMs : longestWaitSeconds,
    heapMib: Math.max(0, heapMost - heapBefore) / 2 ** 20,
  };
}

function hubOf(
  index: number,
  { clock, queue, devices, hangs }: { clock: FakeClock; queue: MemoryWakeUps; devices: number; hangs: boolean },
): WorkerBench {
  const bench = new WorkerBench(clock, queue);
  bench.config = { ...bench.config, name: `hub-${index}` };
  bench.policy = [defaultSpec(moduleId)];
  for (let device = 0; device < devices; device++) {
    bench.hub.addDevice(`device-${device}`);
    bench.hub.addModule(`device-${device}`, moduleId);
  }
  bench.hub.onCall = async () => {
    await clock.sleep(hangs ? defaultIdleTimeoutMs : responseMs);
    if (hangs) throw bench.hub.error('unavailable', { code: 'ETIMEDOUT' });
  };
  return bench;
}

const newDeviceIds = Array.from({ length: newDevices }, (_, index) => `new-${index}`);

/** Creates devices whose events all arrive at the same moment. */
function createAtOnce(bench: WorkerBench): void {
  const { deps, clock } = bench;
  const admit = {
    ...deps,
    limiter: new IntakeLimiter(bench.config, deps),
    cachedLeases: cachedLeases(deps.leases, clock),
    isNearlyFull: async () => false,
    rollouts: async () => undefined,
  };
  for (const deviceId of newDeviceIds) {
    bench.hub.addDevice(deviceId);
    void admitDevice(admit, deviceId);
  }
}

function hasAll({ hub }: WorkerBench): boolean {
  return newDeviceIds.every((deviceId) => hub.moduleOf(deviceId, moduleId) !== undefined);
}

/** Bytes in use after a garbage collection. */
function heapInUse(): number {
  v8.setFlagsFromString('--expose-gc');
  vm.runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

/** The one run of each hub. */
async function runsOf(benches: readonly WorkerBench[]): Promise<Run[]> {
  return (await Promise.all(benches.map((bench) => bench.runs()))).flat();
}
