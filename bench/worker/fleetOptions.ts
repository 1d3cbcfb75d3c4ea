import type { Tier } from '../../shared/config/config.ts';

/** A hub with devices, as `fleetHub.ts` makes it. */
export interface FleetOptions {
  tier: Tier;
  units: number;
  timeScale: number;
  throttling: boolean;
  devices: number;
  moduleId: string;
  /** Whether every device has the module already. */
  withModules: boolean;
  /** Whether some devices are disabled and some are ghosts; see `fleetKinds.ts`. */
  mixed: boolean;
  maxPageRows: number;
  /** Fault rules of the emulator, as JSON. */
  latency: readonly object[];
}

export const moduleId = 'DefenderIotMicroAgent';

/**
 * How long hubs were seen to take for a single call: half within 135 ms (250 registry reads on one live F1 hub); the 99th
 * percentile is set to what was the 90th there, since that hub was over its limit at the time.
 */
export const hubLatency: readonly object[] = [
  { operation: '*', kind: 'latency', delayMs: { p50: 135, p99: 1200 }, seed: 1 },
];

/** An S1 hub of one unit, throttled, whose devices lack the module. */
export const bareFleet: FleetOptions = {
  ...{ tier: 'S1', units: 1, timeScale: 1, throttling: true, devices: 0, moduleId },
  ...{ withModules: false, mixed: false, maxPageRows: 1000, latency: [] },
};
