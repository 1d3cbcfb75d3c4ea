import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../local/azurite/startAzurite.ts';
import { differingCounts, readHubContent } from '../../local/chaos/hubContent.ts';
import { ModuleKeyCheck } from '../../local/chaos/moduleKeyCheck.ts';
import { endOf, SweepClient } from '../../local/chaos/sweepClient.ts';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { hubClient } from '../../local/hubClient.ts';
import { systemClock } from '../../shared/clock.ts';
import { agent, keys, TestCloud } from '../e2e/testCloud.ts';
import { startTcpGate, type TcpGate } from '../local/host/tcpGate.ts';

/** `OUTAGE_SECONDS=60` makes it a full minute; short by default, so that all tests together do not take too long. */
const outageMs = Number(process.env.OUTAGE_SECONDS ?? 4) * 1000;
/** A run without a worker would wait for `watchHubs`, which runs every five minutes. */
const afterwardsMs = 240_000;
const devices = 400;

/** Puts a TCP proxy in front of each of the three storage services. */
async function gatesBefore(azurite: Azurite): Promise<{ gates: TcpGate[]; connectionString: string }> {
  const gates: TcpGate[] = [];
  let { connectionString } = azurite;
  for (const [endpoint, port] of azurite.connectionString.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
    const gate = await startTcpGate(Number(port));
    gates.push(gate);
    connectionString = connectionString.replace(endpoint, `http://127.0.0.1:${gate.port}`);
  }
  return { gates, connectionString };
}

describe('a storage outage during a sweep', () => {
  test('only delays the run, which ends with status done; devices created meanwhile get their module', async () => {
    const azurite = await startAzurite();
    const { gates, connectionString } = await gatesBefore(azurite);
    const cloud = await TestCloud.start({
      seed: ({ hub }) => seedDevices(hub, { count: devices, mix: { withModule: 0.1 } }),
      settings: { AzureWebJobsStorage: connectionString },
    });
    const { emulator } = cloud.cloud;
    const client = await hubClient(emulator.connectionString, emulator.caFile);
    try {
      const keyCheck = new ModuleKeyCheck(cloud.hub);
      keyCheck.check();
      const sweeps = new SweepClient(() => cloud.cloud.host.url, 'contoso', keys.master);
      const runId = await sweeps.start();
      const before = [...cloud.hub.modules()].length;
      await cloud.until('some modules are created', () => [...cloud.hub.modules()].length > before + 80);
      for (const gate of gates) gate.shut(true);
      const shutAtMs = Date.now();
      for (const deviceId of ['arrival-1', 'arrival-2']) await client.createDevice(deviceId);
      await delay(outageMs);
      const duringOutage = [...cloud.hub.modules()].length;
      for (const gate of gates) gate.shut(false);
      expect(duringOutage).toBeLessThan(devices * 0.9);
      const run = await endOf(sweeps, runId, systemClock);
      const tookMs = Date.now() - shutAtMs;
      expect({ status: run.status, reason: run.reason }).toEqual({ status: 'done', reason: null });
      expect(tookMs).toBeLessThan(outageMs + afterwardsMs);
      await cloud.untilModule('arrival-1');
      await cloud.untilModule('arrival-2');
      const content = readHubContent(cloud.hub, agent);
      expect(differingCounts(run, content, 2)).toEqual([]);
      expect(content.lacking).toEqual([]);
      expect(keyCheck.check()).toEqual([]);
      process.stdout.write(`The run ended ${Math.round((tookMs - outageMs) / 1000)} s after the end of the outage.\n`);
    } finally {
      client.close();
      await cloud.cloud.close();
      for (const gate of gates) await gate.close();
      await azurite.close();
    }
  });
});
