import type { Tier } from '../../../shared/config/config.ts';

/** The limits and delays of a hub. */
export interface HubRules {
  name: string;
  tier: Tier;
  maxIdentities: number;
  maxModulesPerDevice: number;
  queryDelayMs: number;
  ghostMs: number;
  readableAfterMs: number;
}
