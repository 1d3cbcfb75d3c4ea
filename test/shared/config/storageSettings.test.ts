import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { StorageConfig } from '../../../shared/config/config.ts';
import type { Settings } from '../../../shared/config/settings.ts';
import { readStorageConnectionString } from '../../../shared/config/storageConnectionString.ts';
import { readStorage } from '../../../shared/config/storageSettings.ts';

const key = Buffer.from('secret').toString('base64');
const clientId = '11111111-2222-3333-4444-555555555555';

function read(settings: Settings): { storage: StorageConfig | undefined; problems: string[] } {
  const problems: string[] = [];
  return { storage: readStorage(settings, (setting, message) => problems.push(`${setting}: ${message}`)), problems };
}

describe('a storage connection string', () => {
  test.each([
    ['UseDevelopmentStorage=true', 'http://127.0.0.1:10000/devstoreaccount1'],
    ['usedevelopmentstorage=TRUE;', 'http://127.0.0.1:10000/devstoreaccount1'],
    [`DefaultEndpointsProtocol=https;AccountName=abc;AccountKey=${key}`, 'https://abc.blob.core.windows.net'],
    [`accountname=abc;accountkey=${key}`, 'https://abc.blob.core.windows.net'],
    [
      `AccountName=abc;AccountKey=${key};EndpointSuffix=core.chinacloudapi.cn`,
      'https://abc.blob.core.chinacloudapi.cn',
    ],
    [
      `AccountName=abc;AccountKey=${key};BlobEndpoint=http://127.0.0.1:1/abc;QueueEndpoint=http://127.0.0.1:2/abc`,
      'http://127.0.0.1:1/abc',
    ],
    ['BlobEndpoint=https://b.x/;QueueEndpoint=https://q.x/;SharedAccessSignature=sv=1&sig=2', 'https://b.x'],
  ])('is completed so that the storage SDK accepts it: %s', (text, blobUrl) => {
    const storage = readStorageConnectionString(text);
    const connectionString = storage.ok ? storage.connectionString : storage.message;
    expect(BlobServiceClient.fromConnectionString(connectionString).url.replace(/\/?(\?.*)?$/, '')).toBe(blobUrl);
    expect(QueueServiceClient.fromConnectionString(connectionString).url).toMatch(/^https?:/);
  });

  test('that is accepted here is accepted by the storage SDK too', () => {
    const name = fc.constantFrom(
      ...['DefaultEndpointsProtocol', 'AccountName', 'AccountKey', 'EndpointSuffix', 'BlobEndpoint', 'QueueEndpoint'],
      ...['SharedAccessSignature', 'UseDevelopmentStorage', 'DevelopmentStorageProxyUri', 'accountkey', 'Other'],
    );
    const value = fc.constantFrom('https', 'http', 'ftp', 'abc', key, 'true', 'http://127.0.0.1:1/abc', '', ' ', '=');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (parts) => {
        const storage = readStorageConnectionString(parts.map((part) => part.join('=')).join(';'));
        if (!storage.ok) return storage.message !== '';
        BlobServiceClient.fromConnectionString(storage.connectionString);
        QueueServiceClient.fromConnectionString(storage.connectionString);
        return true;
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['x', 'not a connection string'],
    ['UseDevelopmentStorage=yes', 'UseDevelopmentStorage=true'],
    [`AccountKey=${key}`, 'no valid AccountName'],
    ['AccountName=abc', 'AccountKey'],
    ['AccountName=abc;AccountKey=%', 'AccountKey'],
    [`AccountName=abc;AccountKey=${key};EndpointSuffix=https://x`, 'EndpointSuffix'],
    [`DefaultEndpointsProtocol=ftp;AccountName=abc;AccountKey=${key}`, 'DefaultEndpointsProtocol'],
    [`AccountName=abc;AccountKey=${key};QueueEndpoint=abc`, 'not an http(s) address'],
    ['BlobEndpoint=https://b.x;SharedAccessSignature=s', 'QueueEndpoint'],
    [`HostName=a.b;SharedAccessKeyName=p;SharedAccessKey=${key}`, 'of an IoT hub'],
  ])('%s is refused with the message: %s', (text, words) => {
    const { storage, problems } = read({ AzureWebJobsStorage: text });
    expect(storage).toBeUndefined();
    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems.join()).not.toContain(key);
  });
});

describe('storage with managed identity', () => {
  test('uses both services of the account in the public cloud', () => {
    expect(
      read({ AzureWebJobsStorage__accountName: 'abc', AzureWebJobsStorage__credential: 'managedidentity' }),
    ).toEqual({
      storage: {
        kind: 'identity',
        blobServiceUri: 'https://abc.blob.core.windows.net',
        queueServiceUri: 'https://abc.queue.core.windows.net',
      },
      problems: [],
    });
  });

  test('prefers service addresses to the account name, and uses the identity of the client id', () => {
    const settings = {
      AzureWebJobsStorage__accountName: 'abc',
      AzureWebJobsStorage__blobServiceUri: 'https://b.x/',
      AzureWebJobsStorage__clientId: clientId,
    };
    expect(read(settings).storage).toEqual({
      kind: 'identity',
      blobServiceUri: 'https://b.x',
      queueServiceUri: 'https://abc.queue.core.windows.net',
      clientId,
    });
  });

  test('is not used if there is a connection string, as in the Functions host', () => {
    const settings = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', AzureWebJobsStorage__accountName: 'abc' };
    expect(read(settings).storage?.kind).toBe('connectionString');
  });

  test.each<[Settings, string[]]>([
    [{}, ['AzureWebJobsStorage']],
    [{ AzureWebJobsStorage__credential: 'managedidentity' }, ['AzureWebJobsStorage']],
    [{ AzureWebJobsStorage__blobServiceUri: 'https://b.x' }, ['AzureWebJobsStorage__queueServiceUri']],
    [
      { AzureWebJobsStorage__blobServiceUri: 'http://b.x', AzureWebJobsStorage__queueServiceUri: 'https://q.x?sig=1' },
      ['AzureWebJobsStorage__blobServiceUri', 'AzureWebJobsStorage__queueServiceUri'],
    ],
    [
      { AzureWebJobsStorage__accountName: 'A-B', AzureWebJobsStorage__blobServiceUri: 'https://b.x' },
      ['AzureWebJobsStorage__accountName'],
    ],
    [
      {
        AzureWebJobsStorage__accountName: 'abc',
        AzureWebJobsStorage__credential: 'secret',
        AzureWebJobsStorage__clientId: 'me',
      },
      ['AzureWebJobsStorage__credential', 'AzureWebJobsStorage__clientId'],
    ],
  ])('is refused with the settings %j', (settings, expected) => {
    const { storage, problems } = read(settings);
    expect(storage).toBeUndefined();
    expect(problems.map((problem) => problem.split(':', 1)[0])).toEqual(expected);
  });
});
