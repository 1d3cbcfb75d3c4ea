import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import { pendingVersion, storagePendingDevices, storageWakeUps } from '../../../shared/storage/storageQueues.ts';

type Json = Record<string, unknown>;

/** `pending.v{n}.json`: of each version. `hub-work.sent.txt`: as the app sends it; `.output.txt`: as the host writes an output. */
const folder = join(__dirname, 'messages');
const text = (name: string) => readFileSync(join(folder, name), 'utf8').trim();
const sample = (name: string): Json => JSON.parse(text(name));
const namesOf = (kind: string) => readdirSync(folder).filter((name) => name.startsWith(`${kind}.`));
const newest = `pending.v${pendingVersion}.json`;
const base64 = (content: string) => Buffer.from(content).toString('base64');

let azurite: Azurite;
let queues: QueueServiceClient;
beforeAll(async () => {
  azurite = await startAzurite();
  queues = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(() => azurite?.close());

/** The queue of that name, with one message of this content. */
async function queueWith(name: string, content: string): Promise<QueueClient> {
  const queue = queues.getQueueClient(name);
  await queue.createIfNotExists();
  await queue.clearMessages();
  await queue.sendMessage(base64(content));
  return queue;
}

/** Reads a stored message of `pending-contoso` as the worker does. */
async function takeStored(message: Json): Promise<Json | undefined> {
  await queueWith('pending-contoso', JSON.stringify(message));
  const [taken] = await storagePendingDevices(queues).take('contoso', 1, 60_000);
  if (!taken) return undefined;
  const { receipt, ...device } = taken;
  return device;
}

async function onlyText(queue: QueueClient): Promise<string> {
  const { receivedMessageItems } = await queue.receiveMessages();
  expect(receivedMessageItems).toHaveLength(1);
  return Buffer.from(receivedMessageItems[0]?.messageText ?? '', 'base64').toString('utf8');
}

describe('a stored message of a pending device', () => {
  test('has a sample of every version', () => {
    const all = Array.from({ length: pendingVersion }, (_, index) => `pending.v${index + 1}.json`);
    expect(namesOf('pending')).toEqual(all);
  });

  test.each(namesOf('pending'))('%s is read, member by member', async (name) => {
    const { version, ...device } = sample(name);
    expect(await takeStored(sample(name))).toEqual(device);
  });

  test('is written as the newest sample, when it is added and when it is put back', async () => {
    const { version, ...device } = sample(newest) as { version: number; deviceId: string; tries: number };
    const queue = queues.getQueueClient('pending-contoso');
    await queue.createIfNotExists();
    await queue.clearMessages();
    const pending = storagePendingDevices(queues);
    await pending.add('contoso', { ...device, tries: 0 }, 0);
    const [taken] = await pending.take('contoso', 1, 60_000);
    if (!taken) throw new Error('no message');
    await pending.putBack('contoso', taken, device, 0);
    expect(JSON.parse(await onlyText(queue))).toEqual({ ...sample(newest), version });
  });

  test.each(namesOf('pending'))('can be read by the version of %s: its members are still there', (name) => {
    const types = (message: Json) => Object.entries(message).map(([member, value]) => [member, typeof value]);
    expect(types(sample(newest))).toEqual(expect.arrayContaining(types(sample(name))));
  });

  test('of a later version is read as far as it is understood', async () => {
    const { version, ...device } = sample(newest);
    const origin = { ...(device.origin as Json), addedLater: 1 };
    const later = { ...device, version: 99, addedLater: { by: 'a later version' }, origin };
    expect(await takeStored(later)).toEqual(device);
  });

  test.each(Object.keys(sample(newest)))(
    'that lacks %s, or has another type there, is read with a default',
    async (member) => {
      const { version, ...device } = sample(newest);
      const defaults: Json = { deviceId: '', tries: 0, origin: undefined };
      const expected = member === 'version' ? device : { ...device, [member]: defaults[member] };
      for (const value of [undefined, [{}], { other: true }]) {
        expect(await takeStored({ ...sample(newest), [member]: value })).toEqual(expected);
      }
    },
  );

  test.each([-1, 0.5])('whose number of tries is %s is read with no tries', async (tries) => {
    expect(await takeStored({ ...sample(newest), tries })).toMatchObject({ tries: 0 });
  });
});

describe('a stored wake-up', () => {
  test.each(namesOf('hub-work'))('%s is read by the watch', async (name) => {
    await queueWith('hub-work', text(name));
    expect(await storageWakeUps(queues).waiting()).toEqual({ hubs: ['contoso'], complete: true });
  });

  test('is written as its sample', async () => {
    const queue = queues.getQueueClient('hub-work');
    await queue.createIfNotExists();
    await queue.clearMessages();
    await storageWakeUps(queues).send('contoso', 0);
    expect(await onlyText(queue)).toBe(text('hub-work.sent.txt'));
  });

  test('of a later version is read as far as it is understood', async () => {
    await queueWith('hub-work', JSON.stringify({ ...sample('hub-work.sent.txt'), version: 99, addedLater: true }));
    expect((await storageWakeUps(queues).waiting()).hubs).toEqual(['contoso']);
  });
});
