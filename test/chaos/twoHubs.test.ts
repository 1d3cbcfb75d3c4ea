import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { agent, deviceCreatedSample, TestCloud } from '../e2e/testCloud.ts';
import { startTcpGate } from '../local/host/tcpGate.ts';

const devices = 200;
/** Less than the idle timeout of one call to the hanging hub (60 s), and more than other load on the machine adds. */
const noiseMs = 45_000;

/** Starts an app with two hubs, of which the second accepts connections and never responds. */
async function startBoth(hangingPort: number): Promise<TestCloud> {
  const hanging = `HostName=localhost:${hangingPort};SharedAccessKeyName=iothubowner;SharedAccessKey=${btoa('a key of no hub')}`;
  return TestCloud.start({
    seed: ({ hub }) => seedDevices(hub, { count: devices, mix: { disabled: 0, edge: 0, withModule: 0 } }),
    settings: ({ connectionString }) => ({
      ...{ IOTHUB_CONNECTION_STRING: '', HUB_NAME: '', HUB_TIER: '', HUB_UNITS: '' },
      HUBS: JSON.stringify([
        { name: 'contoso', connectionString, tier: 'S3' },
        { name: 'fabrikam', connectionString: hanging, tier: 'S3' },
      ]),
    }),
  });
}

/** Returns the duration of a sweep of the healthy hub, and that of an event during the sweep. */
async function timeHealthy(cloud: TestCloud): Promise<{ sweepMs: number; eventMs: number }> {
  const startedAtMs = Date.now();
  const { status } = await cloud.json('POST', '/api/sweeps', { hubs: ['contoso'] });
  expect(status).toBe(202);
  const created = () => [...cloud.hub.modules()].length;
  await cloud.until('the sweep has created some modules', () => created() > devices / 4);
  cloud.hub.createDevice({ deviceId: 'newcomer' });
  const postedAtMs = Date.now();
  await cloud.postSample('newcomer');
  await cloud.untilModule('newcomer');
  const eventMs = Date.now() - postedAtMs;
  await cloud.until('every device has its module', () => created() > devices);
  return { sweepMs: Date.now() - startedAtMs, eventMs };
}

describe('an app with two hubs', () => {
  test('serves one hub as fast as alone while the other never responds, with a sweep and events of both', async () => {
    const gate = await startTcpGate(9);
    gate.silence();
    const alone = await startBoth(gate.port);
    let both: TestCloud | undefined;
    try {
      const aloneMs = await timeHealthy(alone);
      await alone.cloud.close();
      both = await startBoth(gate.port);
      const { status } = await both.json('POST', '/api/sweeps', { hubs: ['fabrikam'] });
      expect(status).toBe(202);
      const ids = Array.from({ length: 20 }, (_, index) => `hanging-${index}`);
      const posted = both.postEvents(ids.map((deviceId) => deviceCreatedSample(deviceId, 'fabrikam')));
      const bothMs = await timeHealthy(both);
      expect(bothMs.sweepMs).toBeLessThan(aloneMs.sweepMs + noiseMs);
      expect(bothMs.eventMs).toBeLessThan(aloneMs.eventMs + noiseMs);
      expect(await posted).toBe(202);
      const { body } = await both.json<{ runs: { status: string }[] }>('GET', '/api/sweeps?hub=fabrikam');
      expect(['queued', 'running']).toContain(body.runs[0]?.status);
      expect(both.hub.module('newcomer', agent)).toBeDefined();
    } finally {
      await alone.cloud.close();
      await both?.cloud.close();
      await gate.close();
    }
  });
});
