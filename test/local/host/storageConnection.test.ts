import { describe, expect, test } from '@jest/globals';
import { blobContainer, queueService, queueServices } from '../../../local/host/storageConnection.ts';

const key = Buffer.from('not a real key').toString('base64');
const connectionString = `DefaultEndpointsProtocol=https;AccountName=account;AccountKey=${key};EndpointSuffix=core.windows.net`;

describe('a storage connection', () => {
  test('a connection is read from the setting with its name, or with the prefix AzureWebJobs', () => {
    expect(queueService('Storage', { Storage: connectionString }).url).toBe('https://account.queue.core.windows.net');
    expect(queueService('Storage', { AzureWebJobsStorage: connectionString }).accountName).toBe('account');
    expect(queueService('AzureWebJobsStorage', { AzureWebJobsStorage: connectionString }).accountName).toBe('account');
  });

  test.each([
    ['queueServiceUri', 'https://my.queue.example/', 'https://my.queue.example/'],
    ['serviceUri', 'https://my.queue.example/', 'https://my.queue.example/'],
    ['accountName', 'account', 'https://account.queue.core.windows.net'],
  ])('a connection may be an identity with %s', (suffix, value, url) => {
    const environment = { [`AzureWebJobsStorage__${suffix}`]: value, AzureWebJobsStorage__clientId: 'client' };
    expect(queueService('AzureWebJobsStorage', environment).url).toBe(url);
  });

  test('a blob connection has its own address', () => {
    const environment = {
      S__blobServiceUri: 'https://my.blob.example',
      S__queueServiceUri: 'https://my.queue.example',
    };
    expect(blobContainer('S', 'container', environment).url).toBe('https://my.blob.example/container');
  });

  test('the error of a missing connection names the settings', () => {
    expect(() => queueService('AzureWebJobsStorage', {})).toThrow(
      'Storage connection "AzureWebJobsStorage" is not set; set AzureWebJobsStorage to a connection string, or AzureWebJobsStorage__queueServiceUri.',
    );
  });

  test('an invalid connection string is refused, and the error contains nothing of it', () => {
    const broken = connectionString.replace('AccountName=account;', '');
    expect(() => queueService('Storage', { Storage: broken })).toThrow(
      'The setting Storage is not a storage connection string.',
    );
    expect(() => queueService('Storage', { Storage: 'secret' })).toThrow(
      'The setting Storage is not a storage connection string.',
    );
  });

  test('queueServices returns the same client for the same name', () => {
    const find = queueServices({ A: connectionString, B: connectionString });
    expect(find('A')).toBe(find('A'));
    expect(find('A')).not.toBe(find('B'));
  });
});
