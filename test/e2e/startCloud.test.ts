import { expect, test } from '@jest/globals';
import { startCloud } from '../../local/cloud.ts';

test('a cloud of which a part does not start leaves nothing behind, and says what was wrong', async () => {
  const lines: string[] = [];
  const options = {
    hub: { name: 'contoso' },
    app: 'functions/index.ts',
    onLine: (line: string) => lines.push(line),
    // Read when all but the subscription have started.
    get schema(): never {
      throw new Error('no subscription can be made');
    },
  };
  await expect(startCloud(options)).rejects.toThrow('no subscription can be made');
  const ready = lines.find((line) => line.startsWith('{"ready":true,')) ?? '{}';
  const { url } = JSON.parse(ready) as { url?: string };
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await expect(fetch(`${url}/api/health`)).rejects.toThrow('fetch failed');
});
