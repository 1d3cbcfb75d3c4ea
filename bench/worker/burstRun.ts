import { EmulatorClock } from '../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../shared/clock.ts';
import { admitDevice } from '../../shared/intake/admitDevice.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { admitDepsOf } from './admitDepsOf.ts';
import { bareFleet, type FleetOptions, hubLatency } from './fleetOptions.ts';
import { WakeUpLoop } from './wakeUpLoop.ts';
import { hubConfig, withFleetHub } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

/** The result of a burst. Times are those of the hub. */
export interface BurstRun {
  events: number;
  acknowledged: number;
  longestAckMs: number;
  modules: number;
  /** Modules that the worker created after the last event. */
  madePending: number;
  /** How long the worker needed for them. */
  drainMinutes: number;
  throttled: number;
  /** Pending devices at the end. */
  remaining: number;
  wakeUps: number;
  wakeUpsDuringEvents: number;
  /** The most wake-ups that coalescing allows while events arrive: one a second, and the first. */
  maxWakeUps: number;
  /** Wake-ups whose slice did not get the lease. */
  wakeUpsWithoutLease: number;
  twinReads: number;
}

/** During the events this process is the slower part, so the time scale is small. */
const eventsTimeScale = 4;
/** Afterwards the hub is the slower part. */
const drainTimeScale = 60;
const minuteMs = 60_000;

/** Handles `events` events within a minute, evenly spread; then runs the worker until no work remains. */
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
          refusal = String(error); // not acknowledged; Event Grid would send the event again
        },
      );
      admissions.push(admission);
    }
    await Promise.all(admissions);
    if (refusal) say(`  an event was not acknowledged: ${refusal}`);
    const minutes = (clock.now() - startMs) / minuteMs;
    const wakeUpsDuringEvents = host.wakeUps.sent.length;
    say(`  ${acknowledged} of ${events} events acknowledged within ${minutes.toFixed(2)} minutes`);
    const early = (await hub.counters()).modulesCreated;
    await hub.setTimeScale(drainTimeScale);
    clock.setTimeScale(drainTimeScale);
    const drainFromMs = clock.now();
    await loop.untilDone();
    const { modulesCreated, throttled, operationsByClass } = await hub.counters();
    return {
      ...{ events, acknowledged, longestAckMs, throttled, wakeUpsDuringEvents },
      modules: modulesCreated,
      madePending: modulesCreated - early,
      drainMinutes: (loop.idleSinceMs - drainFromMs) / minuteMs,
      remaining: host.pending.deviceIds(host.deps.hub.name).length,
      wakeUps: host.wakeUps.sent.length,
      maxWakeUps: Math.ceil(minutes * 60) + 1,
      wakeUpsWithoutLease: host.log.counts.get('The hub has a worker already') ?? 0,
      twinReads: operationsByClass.twinRead,
    };
  });
}
