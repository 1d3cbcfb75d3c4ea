import { expect, test } from '@jest/globals';
import { startCloud } from '../../local/cloud.ts';
import { testApp } from '../support/testApp.ts';

test('startCloud stops everything that it started and throws the error if a part does not start', async () => {
  const lines: string[] = [];
  const options = {
    hub: { name: 'contoso' },
    app: testApp(),
    onLine: (line: string) => lines.push(line),
    // It is read after everything except the subscription has started.
    get schema(): never {
      throw new Error('the subscription cannot be created');
    },
  };
  await expect(startCloud(options)).rejects.toThrow('the subscription cannot be created');
  const ready = lines.find((line) => line.startsWith('{"ready":true,')) ?? '{}';
  const { url } = JSON.parse(ready) as { url?: string };
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await expect(fetch(`${url}/api/health`)).rejects.toThrow('fetch failed');
});
