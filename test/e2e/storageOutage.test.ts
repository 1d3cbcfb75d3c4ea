import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../local/azurite/startAzurite.ts';
import { startTcpGate, type TcpGate } from '../local/host/tcpGate.ts';
import { agent, deviceCreatedSample, TestCloud } from './testCloud.ts';

/** Event Grid waits 30 s for an answer; a little of it is its own way to us. */
const answerLimitMs = 28_000;

describe('an event that comes while storage is out of reach', () => {
  let azurite: Azurite;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite?.close());

  test.each<[string, (gate: TcpGate) => void]>([
    ['refuses', (gate) => gate.shut(true)],
    ['says nothing any more', (gate) => gate.silence()],
  ])(
    'and %s is answered by 500 while Event Grid still waits',
    async (_how, breakGate) => {
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
        await delay(1_100); // what the app knew of the lease may be a second old
        const startedAt = Date.now();
        expect(await cloud.postEvents([deviceCreatedSample('during')])).toBe(500);
        expect(Date.now() - startedAt).toBeLessThan(answerLimitMs);
        expect(cloud.hub.module('during', agent)).toBeUndefined();
        expect(cloud.cloud.host.logs()).not.toMatch(/SharedKey|AccountKey|sig=/);
      } finally {
        await cloud.cloud.close();
        await Promise.all(gates.map((gate) => gate.close()));
      }
    },
    90_000,
  );
});
