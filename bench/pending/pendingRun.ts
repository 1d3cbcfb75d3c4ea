import { tierLimits } from '../../shared/config/tierLimits.ts';
import { hubBudgets } from '../../shared/hub/hubBudgets.ts';
import { HubOutage } from '../../shared/hub/hubOutage.ts';
import { pacedRegistry } from '../../shared/hub/pacedRegistry.ts';
import { PendingLoop } from '../../shared/pending/pendingLoop.ts';
import { type HubWorkerDeps, workOnHub } from '../../shared/worker/hubWorker.ts';
import { throttleBy } from '../../test/support/hubFaults.ts';
import { WorkerBench } from '../../test/support/workerBench.ts';
import { slowStore } from './slowStore.ts';

/** The hub and its pending devices, and how long calls take, in milliseconds. */
export interface PendingOptions {
  units: number;
  devices: number;
  storageMs: number;
  /** A read by id. */
  readMs: number;
  /** A bulk create. */
  bulkMs: number;
}

/** The result of a drain. */
export interface PendingRun {
  /** Modules a minute, from the first call to the hub to the last. */
  perMinute: number;
  throttled: number;
  /** Devices that are still pending. */
  left: number;
}

const minuteMs = 60_000;

/** Drains the pending devices of an S3 hub by the real worker, slice by slice. */
export async function drainByWorker(options: PendingOptions): Promise<PendingRun> {
  return drain(options, async (deps) => {
    while (await workOnHub(deps));
  });
}

/** Drains the pending devices by the same steps, one batch after the other. */
export async function drainOneByOne(options: PendingOptions): Promise<PendingRun> {
  return drain(options, async (deps) => {
    const { hub, clock, random, registry, policies, log } = deps;
    const { policy } = await policies.current(log);
    const signal = new AbortController().signal;
    const budgets = hubBudgets(hub, clock);
    const outage = new HubOutage({
      ...{ hub: hub.name, clock, random, signal },
      beforeProbe: async () => {},
      probe: () => registry.countDevices(),
      onChange: async () => {},
    });
    const pace = { budgets, priority: 'high', outage, clock, random, signal, cutOff: signal } as const;
    const paced = pacedRegistry(registry, { ...pace, beforeCall: async () => {}, onWaiting: async () => {} });
    const loop = new PendingLoop(
      { ...deps, policy, registry: paced, budgets, pause: async () => {}, onGivenUp: () => {} },
      { endsAtMs: Number.POSITIVE_INFINITY, before: {} },
    );
    while ((await loop.step()) === 'more');
    await outage.close();
  });
}

async function drain(
  { units, devices, storageMs, readMs, bulkMs }: PendingOptions,
  work: (deps: HubWorkerDeps) => Promise<void>,
): Promise<PendingRun> {
  const bench = new WorkerBench();
  const { clock, hub, pending, config } = bench;
  bench.config = { ...config, tier: 'S3', units, limits: tierLimits('S3', units) };
  for (let index = 0; index < devices; index++) {
    hub.addDevice(`new-${index}`);
    await pending.add(config.name, { deviceId: `new-${index}`, tries: 0 }, 0);
  }
  const seen = throttleBy(hub, clock, bench.config.limits);
  const throttle = hub.onCall;
  hub.onCall = async (operation, deviceIds) => {
    await throttle(operation, deviceIds);
    await clock.sleep(operation === 'createModules' ? bulkMs : readMs);
  };
  const { documents, leases, wakeUps } = bench.deps;
  const slow = <Store extends object>(store: Store) => slowStore(store, clock, storageMs);
  const stores = { documents: slow(documents), leases: slow(leases), pending: slow(pending), wakeUps: slow(wakeUps) };
  bench.log.lines.push = () => 0; // a line for each device would be most of the memory
  await clock.run(work({ ...bench.deps, ...stores }));
  const [first, last] = [hub.calls[0]?.atMs ?? 0, hub.calls.at(-1)?.atMs ?? 0];
  return {
    perMinute: (hub.modules.size / (last - first)) * minuteMs,
    throttled: seen.refused,
    left: pending.deviceIds(config.name).length,
  };
}
