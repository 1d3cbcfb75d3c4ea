import type { HubClient } from '../hubClient.ts';

/** What a look at the hub itself found. */
export interface Coverage {
  devices: number;
  /** Devices that the default policy selects: all but Edge ones. */
  selected: number;
  /** Selected devices that have the module. */
  withModule: number;
}

const readsAtOnce = 10;

/** Asks the hub, device by device and by id, whether each selected device has the module; nothing of our own is trusted. */
export async function readCoverage(hub: HubClient, moduleId: string): Promise<Coverage> {
  let devices = 0;
  const selected: string[] = [];
  for await (const { deviceId, edge } of hub.listDevices()) {
    devices += 1;
    if (!edge) selected.push(deviceId);
  }
  let withModule = 0;
  const next = selected.values();
  const reader = async () => {
    for (const deviceId of next) if (await hub.hasModule(deviceId, moduleId)) withModule += 1;
  };
  await Promise.all(Array.from({ length: readsAtOnce }, reader));
  return { devices, selected: selected.length, withModule };
}
