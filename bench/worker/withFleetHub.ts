import { join } from 'node:path';
import tls from 'node:tls';
import type { CounterReport } from '../../local/emulator/http/counters.ts';
import type { HubConfig, Tier } from '../../shared/config/config.ts';
import { tierLimits } from '../../shared/config/tierLimits.ts';
import { type ChildServer, startChildServer } from '../emulator/childServer.ts';
import { adminCall } from './adminCall.ts';
import type { FleetOptions } from './fleetOptions.ts';

/** A hub with a fleet, in its own process. */
export interface FleetHub {
  connectionString: string;
  server: ChildServer;
  counters(): Promise<CounterReport>;
  setTimeScale(timeScale: number): Promise<void>;
}

/** Starts a hub, returns the result of `measure`, and stops the hub. From then on this process trusts only its certificate. */
export async function withFleetHub<Result>(
  fleet: FleetOptions,
  measure: (hub: FleetHub) => Promise<Result>,
): Promise<Result> {
  const server = await startChildServer(join(import.meta.dirname, 'fleetHub.ts'), [JSON.stringify(fleet)]);
  try {
    tls.setDefaultCACertificates([server.ca]);
    return await measure({
      connectionString: String(server.ready.connectionString),
      server,
      counters: async () => (await adminCall(server, 'GET', 'counters')) as CounterReport,
      setTimeScale: async (timeScale) => {
        await adminCall(server, 'PUT', 'clock', { timeScale });
      },
    });
  } finally {
    await server.stop();
  }
}

/** Returns the settings of a hub of this size, with the default of half of its limits. */
export function hubConfig(connectionString: string, tier: Tier, units: number): HubConfig {
  const hostName = /HostName=([^;]+)/.exec(connectionString)?.[1] ?? '';
  return {
    ...{ name: 'contoso', hostName, auth: { kind: 'sas', connectionString } },
    ...{ tier, units, budgetPercent: 50, paused: false, limits: tierLimits(tier, units) },
  };
}
