import { systemClock } from '../../shared/clock.ts';
import { admitDevice } from '../../shared/intake/admitDevice.ts';
import { readDeviceCreated } from '../../shared/intake/readDeviceCreated.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { admitDepsOf } from './admitDepsOf.ts';
import { deviceCreatedAt } from './deviceCreatedAt.ts';
import { bareFleet } from './fleetOptions.ts';
import { TimedCalls } from './timedCalls.ts';
import { unlimitedHub } from './unlimitedHub.ts';
import { withFleetHub } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

/** The times and calls of the events of one run. */
export interface EventsRun {
  /** The time of each event without its calls to hub and storage. */
  ownMs: number[];
  totalMs: number[];
  /** Events per second of elapsed time. */
  perSecond: number;
  /** Events per second of CPU time. */
  perProcessorSecond: number;
  twinReadsEach: number;
  createsEach: number;
  otherCalls: number;
}

/** Events before the measurement, so that the code is compiled and the connection is open. */
const warmEvents = 500;

/** Handles `events` events of new devices, `concurrency` at a time, from the event to its acknowledgement. */
export function eventsRun(events: number, concurrency: number): Promise<EventsRun> {
  const fleet = { ...bareFleet, throttling: false, devices: warmEvents + events };
  return withFleetHub(fleet, async (hub) => {
    const calls = new TimedCalls(() => performance.now());
    const config = unlimitedHub(hub.connectionString);
    const host = new WorkerHost(config, systemClock);
    const { registry, cachedLeases, leases, pending, wakeUps, ...deps } = admitDepsOf(host);
    const timed = {
      ...deps,
      ...{ registry: calls.wrap(registry), cachedLeases: calls.wrap(cachedLeases), leases: calls.wrap(leases) },
      ...{ pending: calls.wrap(pending), wakeUps: calls.wrap(wakeUps) },
    };
    const hubs = new Map([[config.name, config]]);
    const handle = async (index: number): Promise<void> => {
      const read = readDeviceCreated(deviceCreatedAt(deviceIdAt(index)), hubs);
      if ('ignored' in read) throw new Error(`The event was ignored: ${read.ignored}`);
      await admitDevice(timed, read.key.deviceId);
    };
    for (let index = 0; index < warmEvents; index += 1) await handle(index);
    const [ownMs, totalMs]: [number[], number[]] = [[], []];
    const before = process.cpuUsage();
    const startMs = performance.now();
    let next = warmEvents;
    const handleEvents = async () => {
      while (next < warmEvents + events) {
        const index = next++;
        const times = await calls.measure(() => handle(index));
        totalMs.push(times.totalMs);
        ownMs.push(times.totalMs - times.waitedMs);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, handleEvents));
    const tookMs = performance.now() - startMs;
    const { user, system } = process.cpuUsage(before);
    const { modulesCreated, requests } = await hub.counters();
    const handled = warmEvents + events;
    if (modulesCreated !== handled) throw new Error(`${handled} events led to ${modulesCreated} modules`);
    const { getTwin = {}, putModule = {}, ...others } = requests;
    const sum = (statuses: object) => Object.values(statuses).reduce((left: number, right: number) => left + right, 0);
    return {
      ...{ ownMs, totalMs },
      perSecond: events / (tookMs / 1000),
      perProcessorSecond: events / ((user + system) / 1_000_000),
      ...{ twinReadsEach: sum(getTwin) / handled, createsEach: sum(putModule) / handled },
      otherCalls: Object.values(others).reduce((left, statuses) => left + sum(statuses), 0),
    };
  });
}
