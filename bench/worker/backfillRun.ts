import { EmulatorClock } from '../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { HubConfig } from '../../shared/config/config.ts';
import { ableDevices } from './fleetKinds.ts';
import type { FleetOptions } from './fleetOptions.ts';
import type { LoopRange, LoopResult } from './peerLoops.ts';
import { type FleetHub, hubConfig, withFleetHub } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

/** The result of a backfill, in the time of the hub. */
export interface BackfillRun {
  modulesPerMinute: number;
  /** Requests with a 429 response. */
  throttled: number;
  /** All requests. */
  requests: number;
  /** Devices that can have the module and did not get it. */
  lost: number;
}

/** A sweep of the app on a fleet without modules. `configOf` returns its settings of the hub. */
export function keeperBackfill(
  fleet: FleetOptions,
  configOf: (connectionString: string) => HubConfig = (text) => hubConfig(text, fleet.tier, fleet.units),
): Promise<BackfillRun> {
  return withFleetHub(fleet, async (hub) => {
    const clock = new EmulatorClock(systemClock, fleet.timeScale);
    const host = new WorkerHost(configOf(hub.connectionString), clock);
    const startMs = clock.now();
    await host.sweep();
    const { modulesCreated, throttled, requests } = await figuresOf(hub);
    const modulesPerMinute = modulesCreated / ((clock.now() - startMs) / 60_000);
    const wanted = fleet.mixed ? ableDevices(fleet.devices) : fleet.devices;
    return { modulesPerMinute, throttled, requests, lost: wanted - modulesCreated };
  });
}

/** A peer loop on the same fleet, for `maxMinutes` in the time of the hub. */
export function loopBackfill(
  fleet: FleetOptions,
  loop: (hub: FleetHub, range: LoopRange) => Promise<LoopResult>,
  limits: { concurrency: number; maxMinutes: number },
): Promise<BackfillRun> {
  return withFleetHub(fleet, async (hub) => {
    const clock = new EmulatorClock(systemClock, fleet.timeScale);
    const { minutes, lost, lastReason } = await loop(hub, { ...limits, devices: fleet.devices, clock });
    const { modulesCreated, throttled, requests } = await figuresOf(hub);
    // A broken loop would make the app look better than it is.
    if (modulesCreated === 0) throw new Error(`The loop created no module: ${lastReason}`);
    return { modulesPerMinute: modulesCreated / minutes, throttled, requests, lost };
  });
}

async function figuresOf(hub: FleetHub) {
  const { modulesCreated, throttled, requests } = await hub.counters();
  const sum = Object.values(requests).flatMap((byStatus) => Object.values(byStatus));
  return { modulesCreated, throttled, requests: sum.reduce((left, right) => left + right, 0) };
}
