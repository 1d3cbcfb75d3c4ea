import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../local/azurite/startAzurite.ts';
import { startTcpGate, type TcpGate } from '../local/host/tcpGate.ts';
import { agent, deviceCreatedSample, TestCloud } from './testCloud.ts';

// That the response comes before the timeout of Event Grid is tested with a fake clock, in admitDeviceOutage.test.ts.
describe('an event during an outage of storage', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.close());

  test.each<[string, (gate: TcpGate) => void]>([
    ['refuses connections', (gate) => gate.shut(true)],
    ['sends no data', (gate) => gate.stopForwarding()],
  ])('gets response 500 if storage %s, and creates no module', async (_how, breakGate) => {
    const gates: TcpGate[] = [];
    let storage = azurite.connectionString;
    for (const [endpoint, port] of storage.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
      const gate = await startTcpGate(Number(port));
      gates.push(gate);
      storage = storage.replace(endpoint, `http://127.0.0.1:${gate.port}`);
    }
    const cloud = await TestCloud.start({ settings: { AzureWebJobsStorage: storage } });
    try {
      for (const deviceId of ['before', 'during']) cloud.hub.createDevice({ deviceId });
      await cloud.postSample('before');
      await cloud.untilModule('before');
      gates.forEach(breakGate);
      await delay(1_100); // the app caches the state of the lease for one second
      expect(await cloud.postEvents([deviceCreatedSample('during')])).toBe(500);
      expect(cloud.hub.module('during', agent)).toBeUndefined();
      expect(cloud.cloud.host.logs()).not.toMatch(/SharedKey|AccountKey|sig=/);
    } finally {
      await cloud.cloud.close();
      await Promise.all(gates.map((gate) => gate.close()));
    }
  });
});
