import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HostConfigurationError } from '../../../local/host/hostError.ts';
import { readOwnSettings } from '../../../local/ownHub/ownSettings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-settings-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function settings(values: Record<string, string>, environment: Record<string, string> = {}) {
  const path = join(folder, 'local.settings.json');
  await writeFile(path, JSON.stringify({ Values: values }));
  return readOwnSettings({ path, isRequired: true }, environment);
}

describe('readOwnSettings', () => {
  test('the environment overrides the file, and empty values of the file do not count', async () => {
    const read = await settings({ HUB_TIER: 'S1', HUB_UNITS: '2', HUB_NAME: ' ' }, { HUB_TIER: 'S3' });
    expect(read.all).toEqual({ HUB_TIER: 'S3', HUB_UNITS: '2' });
    expect(read.ofFile).toEqual({ HUB_UNITS: '2' });
    expect(read.source).toBe(`${join(folder, 'local.settings.json')} and environment (HUB_TIER)`);
  });

  test.each([
    [{}, true],
    [{ AzureWebJobsStorage: '' }, true],
    [{ AzureWebJobsStorage: 'UseDevelopmentStorage=true' }, true],
    [{ AzureWebJobsStorage: 'usedevelopmentstorage=TRUE;' }, true],
    [{ AzureWebJobsStorage__accountName: 'contoso' }, false],
    [{ AzureWebJobsStorage: 'UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://10.0.0.7' }, false],
    [{ AzureWebJobsStorage: 'AccountName=contoso;AccountKey=a2V5' }, false],
  ])('with %j the embedded storage is used: %j', async (values, isStorageEmbedded) => {
    expect(await settings(values)).toMatchObject({ isStorageEmbedded });
  });

  test('a folder in place of the settings file is refused with what to do', async () => {
    const reading = readOwnSettings({ path: folder, isRequired: true }, {});
    await expect(reading).rejects.toThrow(HostConfigurationError);
    await expect(reading).rejects.toThrow(`"${folder}" cannot be read (EISDIR): name a file`);
  });

  test('settings outside of Values are refused, since they would have no effect', async () => {
    const path = join(folder, 'flat.json');
    await writeFile(path, '{"HUB_TIER":"S3"}');
    await expect(readOwnSettings({ path, isRequired: true }, {})).rejects.toThrow('move HUB_TIER into Values');
  });

  test('a file that need not be there may be missing, and one that was named may not', async () => {
    const path = join(folder, 'none.json');
    expect(await readOwnSettings({ path, isRequired: false }, {})).toMatchObject({ all: {}, source: 'none' });
    await expect(readOwnSettings({ path, isRequired: true }, {})).rejects.toThrow(HostConfigurationError);
  });
});
