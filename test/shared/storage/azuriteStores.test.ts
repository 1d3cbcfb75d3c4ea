import { setTimeout as delay } from 'node:timers/promises';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import { blobDocuments } from '../../../shared/storage/blobDocuments.ts';
import { blobLeases } from '../../../shared/storage/blobLeases.ts';
import { DamagedDocumentError } from '../../../shared/storage/damagedDocument.ts';
import { storageClients } from '../../../shared/storage/storageClients.ts';
import { storagePendingDevices, storageWakeUps } from '../../../shared/storage/storageQueues.ts';
import { documentStoreContract } from './documentStoreContract.ts';
import { leasesContract } from './leasesContract.ts';
import { pendingDevicesContract } from './pendingDevicesContract.ts';
import { wakeUpsContract } from './wakeUpsContract.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.close());

let containers = 0;
function newContainer(): ContainerClient {
  containers += 1;
  return BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(`keeper-${containers}`);
}

/** Each test has its own queues, whose names have its own prefix. */
let accounts = 0;
function newQueues(): QueueServiceClient {
  accounts += 1;
  const prefix = `t${accounts}-`;
  const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
  const getQueueClient = service.getQueueClient.bind(service);
  service.getQueueClient = (name) => getQueueClient(`${prefix}${name}`);
  return service;
}

documentStoreContract('in storage', () => blobDocuments(newContainer()));

test('a document that is read says what time it is by the clock of storage', async () => {
  const documents = blobDocuments(newContainer());
  await documents.write('hubs/contoso.json', {}, undefined);
  const { readAtMs = 0 } = (await documents.read('hubs/contoso.json')) ?? {};
  expect(Math.abs(Date.now() - readAtMs)).toBeLessThan(60_000); // of the same machine; generous, since that may be busy
  expect(readAtMs % 1000).toBe(0);
});

test('a document that is not JSON is an error that names it, and quotes nothing of it', async () => {
  const container = newContainer();
  await container.create();
  const path = 'runs/contoso/r.json';
  await container.getBlockBlobClient(path).upload('{"secret', 8);
  const error = await blobDocuments(container)
    .read(path)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DamagedDocumentError);
  expect(error).toMatchObject({ path, message: expect.stringContaining(path) });
  expect(String(error)).not.toContain('secret');
});

leasesContract('in storage', () => {
  const container = newContainer();
  return {
    leases: blobLeases(container),
    breakLease: async (hub) => {
      await container.getBlobClient(`leases/${hub}`).getBlobLeaseClient().breakLease(0);
    },
  };
});

pendingDevicesContract('in storage', () => ({
  pending: storagePendingDevices(newQueues()),
  pause: () => delay(100),
}));

wakeUpsContract('in storage', () => ({ wakeUps: storageWakeUps(newQueues()), pause: () => delay(100) }));

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

describe('queue messages in storage', () => {
  test('queue messages are base64 of JSON, and never expire', async () => {
    const queues = newQueues();
    await storagePendingDevices(queues).add('contoso', { deviceId: "a'b <&>", tries: 0 }, 0);
    await storageWakeUps(queues).send('contoso', 0);
    const [device] = (await queues.getQueueClient('pending-contoso').receiveMessages()).receivedMessageItems;
    const [wakeUp] = (await queues.getQueueClient('hub-work').receiveMessages()).receivedMessageItems;
    expect(device?.messageText).toBe(base64({ version: 3, deviceId: "a'b <&>", tries: 0 }));
    expect(wakeUp?.messageText).toBe(base64({ hub: 'contoso' }));
    for (const message of [device, wakeUp]) expect(message?.expiresOn.getUTCFullYear()).toBeGreaterThan(9_000);
  });

  test('with another content are returned as a device with an empty id, and can be removed', async () => {
    const queues = newQueues();
    const queue = queues.getQueueClient('pending-contoso');
    await queue.create();
    const foreign = ['hello', '!!!', base64(null), base64('text'), base64([]), base64({ deviceId: 7, tries: 'x' })];
    for (const text of foreign) await queue.sendMessage(text);
    const pending = storagePendingDevices(queues);
    const taken = await pending.take('contoso', 32, 60_000);
    expect(taken.map(({ deviceId, tries }) => [deviceId, tries])).toEqual(foreign.map(() => ['', 0]));
    for (const message of taken) await pending.remove('contoso', message);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });

  test('queue messages contain only the valid members of their origin', async () => {
    const queues = newQueues();
    const queue = queues.getQueueClient('pending-contoso');
    await queue.create();
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const origins = [
      7,
      { traceparent: 'x', eventTime: 'today' },
      { traceparent, eventTime: ['2026'] },
      { traceparent, more: 1 },
    ];
    for (const origin of origins) await queue.sendMessage(base64({ deviceId: 'd', tries: 0, origin }));
    const taken = await storagePendingDevices(queues).take('contoso', 32, 60_000);
    expect(taken.map(({ origin }) => origin)).toEqual([undefined, undefined, { traceparent }, { traceparent }]);
  });

  test('the message of a delayed wake-up is hidden at first', async () => {
    const queues = newQueues();
    await storageWakeUps(queues).send('contoso', 300_000);
    const queue = queues.getQueueClient('hub-work');
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  });

  test('that are no wake-ups are not listed as waiting wake-ups', async () => {
    const queues = newQueues();
    const queue = queues.getQueueClient('hub-work');
    await queue.create();
    for (const text of ['hello', '!!!', base64(null), base64('contoso'), base64({ hub: 7 })])
      await queue.sendMessage(text);
    expect(await storageWakeUps(queues).waiting()).toEqual({ hubs: [], complete: true });
  });

  test('the message of a delayed wake-up that another process has received is left unchanged', async () => {
    const queues = newQueues();
    const guard = await storageWakeUps(queues).sendDelayed('contoso', 0);
    const queue = queues.getQueueClient('hub-work');
    const [received] = (await queue.receiveMessages()).receivedMessageItems;
    expect(received?.messageText).toBe(base64({ hub: 'contoso' }));
    expect(await guard.move(60_000)).toBe(false);
    await guard.remove();
    await queue.deleteMessage(received?.messageId ?? '', received?.popReceipt ?? '');
  });

  test('in the poison queue of the wake-ups are counted', async () => {
    const queues = newQueues();
    const wakeUps = storageWakeUps(queues);
    expect(await wakeUps.poisonedCount()).toBe(0);
    const poison = queues.getQueueClient('hub-work-poison');
    await poison.create();
    await poison.sendMessage('not base64');
    expect(await wakeUps.poisonedCount()).toBe(1);
  });

  test('all messages are stored if several processes create the queue at the same time', async () => {
    const pending = storagePendingDevices(newQueues());
    await Promise.all([1, 2, 3, 4].map((tries) => pending.add('contoso', { deviceId: 'd', tries }, 0)));
    expect(await pending.take('contoso', 32, 60_000)).toHaveLength(4);
  });
});

test('storageClients with a connection string use the container module-keeper and the queue hub-work', async () => {
  const storage = { kind: 'connectionString' as const, connectionString: azurite.connectionString };
  const { container, queues } = await storageClients(storage, () => Promise.reject(new Error('not needed')));
  await blobDocuments(container).write('hubs/contoso.json', { a: 1 }, undefined);
  await storageWakeUps(queues).send('contoso', 0);
  const service = BlobServiceClient.fromConnectionString(azurite.connectionString);
  const blob = service.getContainerClient('module-keeper').getBlobClient('hubs/contoso.json');
  expect((await blob.downloadToBuffer()).toString()).toBe('{"a":1}');
  expect((await blob.getProperties()).contentType).toBe('application/json');
  const work = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('hub-work');
  expect((await work.getProperties()).approximateMessagesCount).toBe(1);
});

test('the stores throw the error of the SDK if storage cannot be reached', async () => {
  const gone = await startAzurite();
  await gone.close();
  const options = { retryOptions: { maxTries: 1 } };
  const container = BlobServiceClient.fromConnectionString(gone.connectionString, options).getContainerClient('keeper');
  const pending = storagePendingDevices(QueueServiceClient.fromConnectionString(gone.connectionString, options));
  const documents = blobDocuments(container);
  const refused = { code: 'ECONNREFUSED' };
  await expect(documents.read('a')).rejects.toMatchObject(refused);
  await expect(documents.write('a', 1, undefined)).rejects.toMatchObject(refused);
  await expect(documents.list('a')).rejects.toMatchObject(refused);
  await expect(blobLeases(container).tryAcquire('contoso')).rejects.toMatchObject(refused);
  await expect(blobLeases(container).isHeld('contoso')).rejects.toMatchObject(refused);
  await expect(pending.add('contoso', { deviceId: 'a', tries: 0 }, 0)).rejects.toMatchObject(refused);
  await expect(pending.take('contoso', 1, 1_000)).rejects.toMatchObject(refused);
});
