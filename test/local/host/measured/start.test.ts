import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHostProcess } from '../../../../local/host/hostProcess.ts';
import { testApp } from '../../../support/testApp.ts';
import { temporaryFolder } from '../fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

describe('the start of the host', () => {
  test('all functions of this project are indexed without an error, and an unknown section of host.json is ignored', async () => {
    const hostJson = join(folder, 'host.json');
    await writeFile(hostJson, JSON.stringify({ version: '2.0', someSection: { a: 1 } }));
    const settings = {
      IOTHUB_CONNECTION_STRING: `HostName=localhost;SharedAccessKeyName=a;SharedAccessKey=${Buffer.alloc(32).toString('base64')}`,
      HUB_NAME: 'contoso',
      HUB_TIER: 'S1',
      HUB_UNITS: '1',
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    };
    const host = await startHostProcess({ app: testApp(), hostJson, settings, drainMs: 0 });
    try {
      expect(host.functions).toEqual(expect.arrayContaining(['deviceCreated', 'hubWork', 'statusPage', 'undoSweep']));
      expect(host.logs()).not.toContain('is in error');
    } finally {
      await host.close();
    }
  });
});
