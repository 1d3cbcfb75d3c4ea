import { join } from 'node:path';
import tls from 'node:tls';
import type { CounterReport } from '../../local/emulator/http/counters.ts';
import type { HubConfig, Tier } from '../../shared/config/config.ts';
import { tierLimits } from '../../shared/config/tierLimits.ts';
import { type ChildServer, startChildServer } from '../emulator/childServer.ts';
import { adminCall } from './adminCall.ts';
import type { FleetOptions } from './fleetOptions.ts';

/** A hub with a fleet, in a process of its own. */
export interface FleetHub {
  connectionString: string;
  server: ChildServer;
  counters(): Promise<CounterReport>;
  setTimeScale(timeScale: number): Promise<void>;
}

/** Runs `work` beside a hub and ends the hub. This process trusts that hub's certificate, and no other, from here on. */
export async function withFleetHub<Result>(
  fleet: FleetOptions,
  work: (hub: FleetHub) => Promise<Result>,
): Promise<Result> {
  const server = await startChildServer(join(import.meta.dirname, 'fleetHub.ts'), [JSON.stringify(fleet)]);
  try {
    tls.setDefaultCACertificates([server.ca]);
    return await work({
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

/** The keeper's settings for the hub, told to be of this size; half of its throttles are granted, as by default. */
export function hubConfig(connectionString: string, tier: Tier, units: number): HubConfig {
  const hostName = /HostName=([^;]+)/.exec(connectionString)?.[1] ?? '';
  return {
    ...{ name: 'contoso', hostName, auth: { kind: 'sas', connectionString } },
    ...{ tier, units, budgetPercent: 50, paused: false, limits: tierLimits(tier, units) },
  };
}
