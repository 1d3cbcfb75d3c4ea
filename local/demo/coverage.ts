import type { HubClient } from '../hubClient.ts';

/** How many devices of a hub have the module. */
export interface Coverage {
  devices: number;
  /** Devices that the default policy selects: all but Edge devices. */
  selected: number;
  /** Selected devices that have the module. */
  withModule: number;
}

const readConcurrency = 10;

/**
 * Reads from the hub, device by device, whether each selected device has the module; does not rely on the app's counts.
 */
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
  await Promise.all(Array.from({ length: readConcurrency }, reader));
  return { devices, selected: selected.length, withModule };
}
