import { randomUUID } from 'node:crypto';
import { BlobServiceClient, type ContainerClient, ContainerSASPermissions } from '@azure/storage-blob';
import { afterAll, beforeAll } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../../local/azurite/startAzurite.ts';

const hourMs = 3_600_000;

/** A container of a real Azurite, as the caller of a job uses it. */
export interface TestContainer {
  /** Its address with a SAS of these permissions; default: those that Microsoft's page requires. */
  uri(permissions?: string): string;
  put(blobName: string, text: string): Promise<void>;
  /** Undefined if there is no such blob. */
  get(blobName: string): Promise<string | undefined>;
  /** The lines of a blob, without the empty one after the last line break. */
  lines(blobName: string): Promise<string[]>;
}

/**
 * Registers hooks that start and end an Azurite for the tests of a file; returns a function that creates containers.
 */
export function blobContainers(): () => Promise<TestContainer> {
  let azurite: Azurite | undefined;

  beforeAll(async () => {
    azurite = await startAzurite();
  });

  afterAll(async () => {
    await azurite?.close();
  });

  return async () => {
    if (!azurite) throw new Error('Azurite runs only while tests run');
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient(
      `jobs-${randomUUID()}`,
    );
    await container.create();
    return testContainer(container, await sasUris(container));
  };
}

const usual = 'rwdl';
const permissionSets = [usual, 'r', 'rw', 'w', 'rl'];

async function sasUris(container: ContainerClient): Promise<ReadonlyMap<string, string>> {
  const entries = permissionSets.map(async (permissions): Promise<[string, string]> => {
    const options = {
      permissions: ContainerSASPermissions.parse(permissions),
      expiresOn: new Date(Date.now() + hourMs),
    };
    return [permissions, await container.generateSasUrl(options)];
  });
  return new Map(await Promise.all(entries));
}

function testContainer(container: ContainerClient, uris: ReadonlyMap<string, string>): TestContainer {
  const get = async (blobName: string): Promise<string | undefined> => {
    const blob = container.getBlobClient(blobName);
    return (await blob.exists()) ? (await blob.downloadToBuffer()).toString() : undefined;
  };
  return {
    uri: (permissions = usual) => {
      const uri = uris.get(permissions);
      if (uri === undefined) throw new Error(`No SAS was made for ${permissions}`);
      return uri;
    },
    put: async (blobName, text) => {
      await container.getBlockBlobClient(blobName).upload(text, Buffer.byteLength(text));
    },
    get,
    lines: async (blobName) => (await get(blobName))?.split('\n').slice(0, -1) ?? [],
  };
}
