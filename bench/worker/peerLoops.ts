import iothub from 'azure-iothub';
import type { Clock } from '../../shared/clock.ts';
import { defaultIdleTimeoutMs } from '../../shared/hub/connectHub.ts';
import { HubAgent } from '../../shared/hub/hubAgent.ts';
import { type BulkTarget, deviceIdAt } from '../emulator/bulkLoad.ts';
import { hubToken } from '../emulator/hubToken.ts';
import { PostClient } from '../emulator/postClient.ts';
import { moduleId } from './fleetOptions.ts';
import type { FleetHub } from './withFleetHub.ts';

/** What a loop did within its time. */
export interface LoopResult {
  minutes: number;
  /** Devices that were tried and did not get all that the loop wanted for them. */
  lost: number;
  /** Why the last of them did not. */
  lastReason: string | undefined;
}

export interface LoopRange {
  devices: number;
  tryNow: number;
  /** No device is begun after so many minutes of `clock`. */
  maxMinutes: number;
  clock: Clock;
}

const minuteMs = 60_000;

/**
 * What the vendor's `Add-SecurityModulesForAllDevicesInIotHub.ps1` does for each device, with `azure-iothub` in place of
 * PowerShell: PUT the module, PATCH its twin, no retry. The SDK as it comes, but for the agent, which knows the port.
 */
export async function sdkLoop(hub: FleetHub, range: LoopRange): Promise<LoopResult> {
  const sdk = iothub.Registry.fromConnectionString(hub.connectionString);
  const { _restApiClient: client } = sdk as unknown as {
    _restApiClient: { setOptions(options: { http: { agent: HubAgent } }): void };
  };
  const agent = new HubAgent(`localhost:${hub.server.port}`, defaultIdleTimeoutMs);
  client.setOptions({ http: { agent } });
  const patch = { tags: { securityGroup: 'default' } };
  try {
    return await loop(range, 1, async (index) => {
      const deviceId = deviceIdAt(index);
      await sdk.addModule({ deviceId, moduleId });
      await sdk.updateModuleTwin(deviceId, moduleId, patch, '*');
    });
  } finally {
    agent.destroy();
  }
}

/** Bulk calls of 100 over connections that stay open, and nothing else: no listing, no pace, no retry, no state. */
export async function bareBulkLoop(hub: FleetHub, range: LoopRange): Promise<LoopResult> {
  const client = new PostClient(hub.server, { authorization: hubToken(hub.connectionString) }, range.tryNow);
  const target: BulkTarget = { client, path: '/devices?api-version=2021-04-12' };
  try {
    return await loop(range, 100, async (first) => {
      const entries: string[] = [];
      for (let index = first; index < Math.min(range.devices, first + 100); index += 1) {
        const authentication = '"authentication":{"type":"sas"}';
        entries.push(`{"id":"${deviceIdAt(index)}","moduleId":"${moduleId}",${authentication},"importMode":"create"}`);
      }
      const { status } = await target.client.post(target.path, Buffer.from(`[${entries.join(',')}]`));
      if (status !== 200) throw new Error(`A bulk call was answered ${status}`);
    });
  } finally {
    client.close();
  }
}

async function loop(range: LoopRange, step: number, work: (first: number) => Promise<void>): Promise<LoopResult> {
  const { devices, tryNow, maxMinutes, clock } = range;
  const startMs = clock.now();
  let next = 0;
  let lost = 0;
  let lastReason: string | undefined;
  const one = async (): Promise<void> => {
    while (next < devices && clock.now() - startMs < maxMinutes * minuteMs) {
      const first = next;
      next += step;
      try {
        await work(first);
      } catch (error) {
        lost += Math.min(step, devices - first); // such loops say so on the screen at best, and go on
        lastReason = error instanceof Error ? `${error.name}: ${error.message.slice(0, 100)}` : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: tryNow }, one));
  return { minutes: (clock.now() - startMs) / minuteMs, lost, lastReason };
}
