import { BlobClient, RestError } from '@azure/storage-blob';
import { afterEach, expect, jest, test } from '@jest/globals';
import { openAzureBlobContainer } from '../../../../local/emulator/jobs/azureBlobContainer.ts';
import { BlobContainerError } from '../../../../local/emulator/jobs/blobContainer.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

async function require(error: Error): Promise<void> {
  jest.spyOn(BlobClient.prototype, 'getProperties').mockRejectedValue(error);
  const container = await openAzureBlobContainer('https://account.blob.core.windows.net/jobs?sp=rwd&sig=c2VjcmV0');
  await container.require('rw', 'devices.txt');
}

test('a container needs no blob of that name', async () => {
  await require(new RestError('No.', { statusCode: 404, code: 'BlobNotFound' }));
});

test('a refusal by storage is passed on with its status and code only', async () => {
  const refused = require(new RestError('sig=c2VjcmV0', { statusCode: 403, code: 'AuthorizationFailure' }));
  await expect(refused).rejects.toThrow(new BlobContainerError('Blob storage refused: 403 AuthorizationFailure'));
});

test('an error that is not of storage is passed on', async () => {
  const defect = new TypeError('a defect');
  await expect(require(defect)).rejects.toBe(defect);
});
