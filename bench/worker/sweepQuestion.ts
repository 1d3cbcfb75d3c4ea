import type { Tier } from '../../shared/config/config.ts';

/** Which hub to sweep. */
export interface SweepQuestion {
  connectionString: string;
  caFile: string;
  tier: Tier;
  units: number;
  timeScale: number;
  /** How often, one sweep after the other. */
  sweeps: number;
}

/** What a process that swept it tells. */
export interface SweepAnswer {
  devices: number;
  unchanged: number;
  tookMs: number;
  /** On the hub's clock. */
  tookHubMs: number;
  /** The most memory that the process ever had resident. */
  peakBytes: number;
}
