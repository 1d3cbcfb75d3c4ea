import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../../local/azurite/startAzurite.ts';
import { startFixture } from '../fixture.ts';
import { logged } from '../logged.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite?.close());

// Timeout: hostQueues.test.ts.
describe('the end of the host, as measured', () => {
  test('SIGTERM does nothing; an orderly end lets runs end for up to 10 s, and then tells the app', async () => {
    const host = await startFixture(azurite.connectionString, 'measured-end');
    // Windows ends a process for any signal.
    const terminated = host.kill('SIGTERM');
    await logged(host, 'SIGTERM is ignored');
    expect((await fetch(`${host.url}/api/nothing`)).status).toBe(204);
    const slow = fetch(`${host.url}/api/slow/1500`).then((response) => response.text());
    await logged(host, 'slow began');
    await host.close();
    await terminated;
    expect(await slow).toBe('slow ended');
    const lines = host.logs().split('\n');
    const lineOf = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(lineOf("Executed 'Functions.slow' (Succeeded")).toBeGreaterThan(0);
    expect(lineOf('appTerminate ran')).toBeGreaterThan(lineOf("Executed 'Functions.slow' (Succeeded"));
  });
});
