import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import { blobDocuments } from '../../../shared/storage/blobDocuments.ts';
import { blobLeases } from '../../../shared/storage/blobLeases.ts';
import { storageClients } from '../../../shared/storage/storageClients.ts';
import { storagePendingDevices } from '../../../shared/storage/storageQueues.ts';
import { startTcpGate, type TcpGate } from '../../local/host/tcpGate.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.close());

/** Returns the stores, with a TCP proxy in front of each of the two services. */
async function gatedStores() {
  const gates: TcpGate[] = [];
  let connectionString = azurite.connectionString;
  for (const [endpoint, port] of connectionString.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)) {
    const gate = await startTcpGate(Number(port));
    gates.push(gate);
    connectionString = connectionString.replace(endpoint, `http://127.0.0.1:${gate.port}`);
  }
  const { container, queues } = await storageClients({ kind: 'connectionString', connectionString }, () =>
    Promise.reject(new Error('this test needs no credential')),
  );
  const close = () => Promise.all(gates.map((gate) => gate.close()));
  return {
    gates,
    close,
    documents: blobDocuments(container),
    leases: blobLeases(container),
    pending: storagePendingDevices(queues),
  };
}

describe('during an outage of storage', () => {
  test.each<[string, (gate: TcpGate) => void, code: string]>([
    ['refuses connections', (gate) => gate.shut(true), 'ECONNRESET'],
    ['sends no data', (gate) => gate.stopForwarding(), 'ETIMEDOUT'],
  ])('every call fails by itself if storage %s', async (how, breakGate, code) => {
    const { gates, close, documents, leases, pending } = await gatedStores();
    try {
      const path = `hubs/${how.length}.json`;
      await documents.write(path, {}, undefined);
      await pending.add('outage', { deviceId: 'a', tries: 0 }, 0);
      expect(gates).toHaveLength(2);
      gates.forEach(breakGate);
      const calls = await Promise.allSettled([
        leases.isHeld('a'),
        leases.tryAcquire('a'),
        documents.read(path),
        pending.add('outage', { deviceId: 'b', tries: 0 }, 0),
        pending.take('outage', 32, 1_000),
      ]);
      expect(calls).toMatchObject(calls.map(() => ({ status: 'rejected', reason: { code } })));
    } finally {
      await close();
    }
  });

  test('a call during an outage of 0.3 s is retried and succeeds', async () => {
    const { gates, close, leases } = await gatedStores();
    try {
      expect(await leases.isHeld('a')).toBe(false);
      for (const gate of gates) gate.shut(true);
      setTimeout(() => {
        for (const gate of gates) gate.shut(false);
      }, 300);
      expect(await leases.isHeld('a')).toBe(false);
    } finally {
      await close();
    }
  });
});
