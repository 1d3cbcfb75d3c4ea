import type { HubConfig } from '../../../shared/config/config.ts';
import { tierLimits } from '../../../shared/config/tierLimits.ts';

/** A hub of one S1 unit, with changes. */
export function hubConfig(changes: Partial<HubConfig> = {}): HubConfig {
  return {
    name: 'contoso',
    hostName: 'contoso.azure-devices.net',
    auth: { kind: 'entra' },
    tier: 'S1',
    units: 1,
    budgetPercent: 50,
    paused: false,
    limits: tierLimits('S1', 1),
    ...changes,
  };
}
