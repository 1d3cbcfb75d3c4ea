import type { HubState } from '../emulator/state/hubState.ts';

/** How many devices of a hub have the module. */
export interface Coverage {
  devices: number;
  /** Devices that the default policy selects: all but Edge devices. */
  selected: number;
  /** Selected devices that have the module. */
  withModule: number;
}

/** Counts what the hub has stored: not by a query, since its index lags, and not by the app's counts. */
export function readCoverage(hub: Pick<HubState, 'devices'>, moduleId: string): Coverage {
  const coverage: Coverage = { devices: 0, selected: 0, withModule: 0 };
  for (const { edge, moduleIds } of hub.devices()) {
    coverage.devices += 1;
    if (edge) continue;
    coverage.selected += 1;
    if (moduleIds.includes(moduleId)) coverage.withModule += 1;
  }
  return coverage;
}
