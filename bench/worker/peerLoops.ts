import iothub from 'azure-iothub';
import { hubToken } from '../../local/hubToken.ts';
import type { Clock } from '../../shared/clock.ts';
import { defaultIdleTimeoutMs } from '../../shared/hub/connectHub.ts';
import { HubAgent } from '../../shared/hub/hubAgent.ts';
import { type BulkTarget, deviceIdAt } from '../emulator/bulkLoad.ts';
import { PostClient } from '../emulator/postClient.ts';
import { moduleId } from './fleetOptions.ts';
import type { FleetHub } from './withFleetHub.ts';

/** The result of a loop. */
export interface LoopResult {
  minutes: number;
  /** Devices for which a call of the loop failed. */
  lost: number;
  /** The error of the last of them. */
  lastReason: string | undefined;
}

/** The limits of a loop. */
export interface LoopRange {
  devices: number;
  concurrency: number;
  /** After this time of `clock` the loop sends no further calls. */
  maxMinutes: number;
  clock: Clock;
}

const minuteMs = 60_000;

/**
 * Does for each device what Microsoft's `Add-SecurityModulesForAllDevicesInIotHub.ps1` does, with `azure-iothub` instead of
 * PowerShell: PUT of the module, PATCH of its twin, no retry. The SDK has its defaults, except for the agent, which knows the
 * emulator's port.
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

/** Only bulk calls of 100 over keep-alive connections: no listing, no pacing, no retry, no stored state. */
export async function bareBulkLoop(hub: FleetHub, range: LoopRange): Promise<LoopResult> {
  const client = new PostClient(hub.server, { authorization: hubToken(hub.connectionString) }, range.concurrency);
  const target: BulkTarget = { client, path: '/devices?api-version=2021-04-12' };
  try {
    return await loop(range, 100, async (first) => {
      const entries: string[] = [];
      for (let index = first; index < Math.min(range.devices, first + 100); index += 1) {
        const authentication = '"authentication":{"type":"sas"}';
        entries.push(`{"id":"${deviceIdAt(index)}","moduleId":"${moduleId}",${authentication},"importMode":"create"}`);
      }
      const { status } = await target.client.post(target.path, Buffer.from(`[${entries.join(',')}]`));
      if (status !== 200) throw new Error(`The response to a bulk call was ${status}`);
    });
  } finally {
    client.close();
  }
}

async function loop(range: LoopRange, step: number, call: (first: number) => Promise<void>): Promise<LoopResult> {
  const { devices, concurrency, maxMinutes, clock } = range;
  const startMs = clock.now();
  let next = 0;
  let lost = 0;
  let lastReason: string | undefined;
  const handleDevices = async (): Promise<void> => {
    while (next < devices && clock.now() - startMs < maxMinutes * minuteMs) {
      const first = next;
      next += step;
      try {
        await call(first);
      } catch (error) {
        lost += Math.min(step, devices - first); // such scripts print the error at most, and continue
        lastReason = error instanceof Error ? `${error.name}: ${error.message.slice(0, 100)}` : String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, handleDevices));
  return { minutes: (clock.now() - startMs) / minuteMs, lost, lastReason };
}
