import { randomUUID } from 'node:crypto';
import { ContainerClient } from '@azure/storage-blob';
import { describe, expect, test } from '@jest/globals';
import { blobContainers } from '../jobs/blobContainers.ts';
import { createJob, isOver, type Job, jobWhen } from '../jobs/jobCalls.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { devicePath } from './paths.ts';
import { isRemote, remoteContainerUri, withContainer } from './remoteHub.ts';

const hub = hubUnderTest();
const container = isRemote ? undefined : blobContainers();
const containerUri = async (): Promise<string> => (container ? (await container()).uri() : remoteContainerUri);
const blobName = `conformance-${randomUUID()}.txt`;
/** A real hub answers reads at once, and its jobs take seconds. */
const pollMs = isRemote ? 5000 : 10;

async function ended(body: object): Promise<Job> {
  const created = await createJob(hub, body);
  expect(created.status).toBe(200);
  expect(created.body).toMatchObject(body);
  return jobWhen(hub, (created.body as Job).jobId, isOver, pollMs);
}

/** What the az extension's storage test and ImportMode.cs of the C# SDK show. */
describe('POST /jobs/create', () => {
  withContainer('an export answers with its container and kind of authentication; reads do not', async () => {
    const request = { type: 'export', excludeKeysInExport: true, storageAuthenticationType: 'keyBased' };
    const job = await ended({ ...request, outputBlobContainerUri: await containerUri() });
    expect(job).toMatchObject({ type: 'export', status: 'completed' });
    for (const name of ['outputBlobContainerUri', 'storageAuthenticationType']) expect(job).not.toHaveProperty(name);
  });

  withContainer('an import takes lines without a mode, and createOrUpdateIfMatchETag', async () => {
    const [fresh, there] = [hub.newId(), await hub.makeDevice({ statusReason: 'before' })];
    const { etag } = (await hub.send('GET', devicePath(there))).body as { etag: string };
    const importMode = 'createOrUpdateIfMatchETag';
    const lines = [
      { id: fresh, status: 'enabled', statusReason: 'no mode' },
      { id: there, status: 'enabled', statusReason: 'after', importMode, eTag: etag },
    ];
    const uri = await containerUri();
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    const blob = new ContainerClient(uri).getBlockBlobClient(blobName);
    await blob.upload(text, Buffer.byteLength(text));
    const addresses = { inputBlobContainerUri: uri, outputBlobContainerUri: uri };
    const created = await createJob(hub, { type: 'import', ...addresses, inputBlobName: blobName });
    expect(created).toMatchObject({ status: 200, body: { type: 'import', ...addresses } });
    const job = await jobWhen(hub, (created.body as Job).jobId, isOver, pollMs);
    await blob.delete();
    expect(job).toMatchObject({ status: 'completed' });
    expect((await hub.send('GET', devicePath(fresh))).body).toMatchObject({ statusReason: 'no mode' });
    expect((await hub.send('GET', devicePath(there))).body).toMatchObject({ statusReason: 'after' });
  });

  test('needs an output container', async () => {
    expect((await createJob(hub, { type: 'export' })).status).toBe(400);
  });
});
