import type { Tier } from '../../shared/config/config.ts';

/** The input of `sweepProcess.ts`: the hub to sweep. */
export interface SweepRequest {
  connectionString: string;
  caFile: string;
  tier: Tier;
  units: number;
  timeScale: number;
  /** Number of sweeps, one after the other. */
  sweeps: number;
}

/** The output of `sweepProcess.ts`. */
export interface SweepResult {
  devices: number;
  unchanged: number;
  tookMs: number;
  /** The same in the time of the hub. */
  tookHubMs: number;
  /** The largest resident memory of the process. */
  peakBytes: number;
}
