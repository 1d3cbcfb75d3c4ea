import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { UnusableFolderError } from '../../../local/azurite/lockFolder.ts';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.close());

describe('startAzurite', () => {
  test('Azurite supports the blob conditions and leases that the app uses', async () => {
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('documents');
    await container.create();
    const blob = container.getBlockBlobClient('hubs/contoso.json');
    const { etag } = await blob.upload('{"a":1}', 7, { conditions: { ifNoneMatch: '*' } });
    expect((await blob.downloadToBuffer()).toString()).toBe('{"a":1}');
    await expect(blob.upload('{}', 2, { conditions: { ifMatch: '"stale"' } })).rejects.toMatchObject({
      statusCode: 412,
    });
    await blob.upload('{"a":2}', 7, { conditions: { ifMatch: etag ?? '' } });
    const lease = blob.getBlobLeaseClient();
    await lease.acquireLease(15);
    await expect(blob.getBlobLeaseClient().acquireLease(15)).rejects.toMatchObject({ statusCode: 409 });
    expect((await blob.getProperties()).leaseState).toBe('leased');
  });

  test('Azurite stores queue messages with visibility and dequeue count', async () => {
    const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient('work');
    await queue.create();
    await queue.sendMessage('hello', { messageTimeToLive: -1 });
    const [first] = (await queue.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems;
    expect(first).toMatchObject({ messageText: 'hello', dequeueCount: 1 });
    expect((await queue.receiveMessages()).receivedMessageItems).toHaveLength(0);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  });

  test('Azurite refuses connections after close', async () => {
    const other = await startAzurite();
    await other.close();
    await other.close();
    const queues = QueueServiceClient.fromConnectionString(other.connectionString, { retryOptions: { maxTries: 1 } });
    await expect(queues.getProperties()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('Azurite ends when its parent is killed', async () => {
    const starter = [
      `import { startAzurite } from ${JSON.stringify(join(process.cwd(), 'local/azurite/startAzurite.ts'))};`,
      'console.log((await startAzurite()).connectionString);',
    ].join('\n');
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', starter], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [connectionString] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    const queues = QueueServiceClient.fromConnectionString(connectionString, { retryOptions: { maxTries: 1 } });
    await queues.createQueue('alive');
    parent.kill('SIGKILL');
    let refused = false;
    for (const deadline = Date.now() + 300_000; !refused && Date.now() < deadline; ) {
      refused = await queues.getProperties().then(
        () => false,
        (error: { code?: string }) => error.code === 'ECONNREFUSED',
      );
    }
    expect(refused).toBe(true);
  });

  describe('with a folder for its data', () => {
    let folder: string;
    beforeEach(async () => {
      folder = join(await mkdtemp(join(tmpdir(), 'module-keeper-azurite-')), 'storage');
    });
    afterEach(() => rm(join(folder, '..'), { recursive: true }));

    const blobOf = ({ connectionString }: Azurite) =>
      BlobServiceClient.fromConnectionString(connectionString).getContainerClient('kept').getBlockBlobClient('run');
    const queueOf = ({ connectionString }: Azurite) =>
      QueueServiceClient.fromConnectionString(connectionString).getQueueClient('kept');

    test('blobs and messages are there at the next start', async () => {
      const first = await startAzurite({ folder });
      await BlobServiceClient.fromConnectionString(first.connectionString).getContainerClient('kept').create();
      await blobOf(first).upload('written', 7);
      await queueOf(first).create();
      await queueOf(first).sendMessage('waits');
      await first.close();

      const second = await startAzurite({ folder });
      expect((await blobOf(second).downloadToBuffer()).toString()).toBe('written');
      expect((await queueOf(second).peekMessages()).peekedMessageItems).toMatchObject([{ messageText: 'waits' }]);
      await second.close();
    });

    test('a second start with that folder is refused while the first one runs', async () => {
      const first = await startAzurite({ folder });
      await expect(startAzurite({ folder })).rejects.toThrow(UnusableFolderError);
      await first.close();
      await (await startAzurite({ folder })).close();
    });

    test('a file in place of the folder is refused with what to change', async () => {
      await writeFile(folder, '');
      for (const place of [folder, join(folder, 'below')]) {
        const starting = startAzurite({ folder: place });
        await expect(starting).rejects.toThrow(UnusableFolderError);
        await expect(starting).rejects.toThrow(`The folder ${place} cannot be made or written`);
      }
    });

    test('the lock file of an ended process does not stop a start', async () => {
      await mkdir(folder);
      await writeFile(join(folder, 'inUseBy-999999999'), '');
      await (await startAzurite({ folder })).close();
      expect((await readdir(folder)).filter((name) => name.startsWith('inUseBy'))).toEqual([]);
    });
  });
});
