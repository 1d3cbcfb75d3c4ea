import type { JsonObject } from '../../local/emulator/wire/jsonObject.ts';
import type { Tier } from '../../shared/config/config.ts';

/** Options of the hub that `fleetHub.ts` starts. */
export interface FleetOptions {
  tier: Tier;
  units: number;
  timeScale: number;
  throttling: boolean;
  devices: number;
  moduleId: string;
  /** Whether every device has the module already. */
  withModules: boolean;
  /** The desired properties of those modules. */
  desired?: JsonObject;
  /** Whether some devices are disabled and some are ghosts; see `fleetKinds.ts`. */
  mixed: boolean;
  maxPageRows: number;
  /** Fault rules of the emulator, as JSON. */
  latency: readonly object[];
}

export const moduleId = 'DefenderIotMicroAgent';

/**
 * The latency of single calls: median 135 ms (250 registry reads on one live F1 hub). The 99th percentile is set to the
 * measured 90th, because that hub was above its limit at that time.
 */
export const hubLatency: readonly object[] = [
  { operation: '*', kind: 'latency', delayMs: { p50: 135, p99: 1200 }, seed: 1 },
];

/** An S1 hub of one unit, with throttling, whose devices do not have the module. */
export const bareFleet: FleetOptions = {
  ...{ tier: 'S1', units: 1, timeScale: 1, throttling: true, devices: 0, moduleId },
  ...{ withModules: false, mixed: false, maxPageRows: 1000, latency: [] },
};
