import { EmulatorClock } from '../../local/emulator/state/emulatorClock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { HubConfig } from '../../shared/config/config.ts';
import { ableDevices } from './fleetKinds.ts';
import type { FleetOptions } from './fleetOptions.ts';
import type { LoopRange, LoopResult } from './peerLoops.ts';
import { type FleetHub, hubConfig, withFleetHub } from './withFleetHub.ts';
import { WorkerHost } from './workerHost.ts';

/** What a backfill came to, in the hub's own time. */
export interface BackfillRun {
  modulesPerMinute: number;
  /** Requests that the hub answered 429, and all that it answered. */
  throttled: number;
  requests: number;
  /** Devices that can have the module and did not get it. */
  lost: number;
}

/** The keeper, told what `told` makes of the hub's connection string, fills the fleet. The clock goes as the hub's does. */
export function keeperBackfill(
  fleet: FleetOptions,
  told: (connectionString: string) => HubConfig = (text) => hubConfig(text, fleet.tier, fleet.units),
): Promise<BackfillRun> {
  return withFleetHub(fleet, async (hub) => {
    const clock = new EmulatorClock(systemClock, fleet.timeScale);
    const host = new WorkerHost(told(hub.connectionString), clock);
    const startMs = clock.now();
    await host.sweep();
    const { modulesCreated, throttled, requests } = await figuresOf(hub);
    const modulesPerMinute = modulesCreated / ((clock.now() - startMs) / 60_000);
    const wanted = fleet.mixed ? ableDevices(fleet.devices) : fleet.devices;
    return { modulesPerMinute, throttled, requests, lost: wanted - modulesCreated };
  });
}

/** A loop fills what it can of the fleet within `maxMinutes` of the hub's time. */
export function loopBackfill(
  fleet: FleetOptions,
  loop: (hub: FleetHub, range: LoopRange) => Promise<LoopResult>,
  limits: { tryNow: number; maxMinutes: number },
): Promise<BackfillRun> {
  return withFleetHub(fleet, async (hub) => {
    const clock = new EmulatorClock(systemClock, fleet.timeScale);
    const { minutes, lost, lastReason } = await loop(hub, { ...limits, devices: fleet.devices, clock });
    const { modulesCreated, throttled, requests } = await figuresOf(hub);
    // A loop that makes nothing at all is a broken one, and would flatter the keeper.
    if (modulesCreated === 0) throw new Error(`The loop made no module: ${lastReason}`);
    return { modulesPerMinute: modulesCreated / minutes, throttled, requests, lost };
  });
}

async function figuresOf(hub: FleetHub) {
  const { modulesCreated, throttled, requests } = await hub.counters();
  const sum = Object.values(requests).flatMap((byStatus) => Object.values(byStatus));
  return { modulesCreated, throttled, requests: sum.reduce((left, right) => left + right, 0) };
}
