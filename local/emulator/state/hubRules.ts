import type { Tier } from '../../../shared/config/config.ts';

/** Name, tier, limits and delays of a hub. `EmulatorOptions` has the defaults and their sources. */
export interface HubRules {
  name: string;
  tier: Tier;
  /** Devices and modules together. */
  maxIdentities: number;
  maxModulesPerDevice: number;
  /** How long queries lag behind a change. */
  queryDelayMs: number;
  /** How long queries return a deleted identity. */
  ghostMs: number;
  /** Time from the creation of an identity until a read by id returns it. */
  readableAfterMs: number;
}
