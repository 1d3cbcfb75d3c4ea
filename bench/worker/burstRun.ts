import { EmulatorClock } from '../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../shared/clock.ts';
import { admitDevice } from '../../shared/intake/admitDevice.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { admitDepsOf } from './admitDepsOf.ts';
import { bareFleet, type FleetOptions, hubLatency } from './fleetOptions.ts';
import { WakeUpLoop } from './wakeUpLoop.ts';
import { hubConfig, withFleetHub } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

export interface BurstRun {
  events: number;
  acknowledged: number;
  /** On the hub's clock. */
  longestAckMs: number;
  modules: number;
  /** Modules made by the worker once all events were in, and how long that took. */
  madePending: number;
  drainMinutes: number;
  throttled: number;
  left: number;
  wakeUps: number;
  wakeUpsOfMinute: number;
  /** WakeUps are coalesced to one a second. */
  mostWakeUps: number;
  idleWakeUps: number;
  twinReads: number;
}

/** While the events come in, which this process must keep up with; afterwards, when the hub is the slow one. */
const eventsTimeScale = 4;
const drainTimeScale = 60;
const minuteMs = 60_000;

/** `events` events within a minute, evenly spread; then the worker until nothing is left. */
export function burstRun(events: number, say: (line: string) => void): Promise<BurstRun> {
  const fleet: FleetOptions = { ...bareFleet, timeScale: eventsTimeScale, devices: events, latency: hubLatency };
  return withFleetHub(fleet, async (hub) => {
    const clock = new EmulatorClock(systemClock, eventsTimeScale);
    const host = new WorkerHost(hubConfig(hub.connectionString, 'S1', 1), clock);
    const deps = admitDepsOf(host);
    const loop = new WakeUpLoop(host);
    let acknowledged = 0;
    let longestAckMs = 0;
    let refusal: string | undefined;
    const startMs = clock.now();
    const admissions: Promise<void>[] = [];
    for (let index = 0; index < events; index += 1) {
      const dueMs = startMs + (index / events) * minuteMs;
      if (dueMs > clock.now()) await clock.sleep(dueMs - clock.now());
      const sentMs = clock.now();
      const admission = admitDevice(deps, deviceIdAt(index)).then(
        () => {
          acknowledged += 1;
          longestAckMs = Math.max(longestAckMs, clock.now() - sentMs);
        },
        (error: unknown) => {
          refusal = String(error); // Event Grid would send the event again; here it shows as not acknowledged
        },
      );
      admissions.push(admission);
    }
    await Promise.all(admissions);
    if (refusal) say(`  an event was not acknowledged: ${refusal}`);
    const minutes = (clock.now() - startMs) / minuteMs;
    const wakeUpsOfMinute = host.wakeUps.sent.length;
    say(`  ${acknowledged} of ${events} events acknowledged within ${minutes.toFixed(2)} minutes`);
    const early = (await hub.counters()).modulesCreated;
    await hub.setTimeScale(drainTimeScale);
    clock.setTimeScale(drainTimeScale);
    const drainFromMs = clock.now();
    await loop.untilDone();
    const { modulesCreated, throttled, operationsByClass } = await hub.counters();
    return {
      ...{ events, acknowledged, longestAckMs, throttled, wakeUpsOfMinute },
      modules: modulesCreated,
      madePending: modulesCreated - early,
      drainMinutes: (loop.idleSinceMs - drainFromMs) / minuteMs,
      left: host.pending.deviceIds(host.deps.hub.name).length,
      wakeUps: host.wakeUps.sent.length,
      mostWakeUps: Math.ceil(minutes * 60) + 1,
      idleWakeUps: host.log.counts.get('The hub has a worker already') ?? 0,
      twinReads: operationsByClass.twinRead,
    };
  });
}
