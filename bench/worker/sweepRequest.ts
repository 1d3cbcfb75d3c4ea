import type { Tier } from '../../shared/config/config.ts';
import type { Policy } from '../../shared/policy/moduleSpec.ts';

/** The input of `sweepProcess.ts`: the hub to sweep. */
export interface SweepRequest {
  connectionString: string;
  caFile: string;
  tier: Tier;
  units: number;
  timeScale: number;
  /** Number of sweeps, one after the other. */
  sweeps: number;
  policy: Policy;
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
