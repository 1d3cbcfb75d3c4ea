import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
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
});
