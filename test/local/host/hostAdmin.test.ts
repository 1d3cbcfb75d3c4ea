import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import { type HostProcess, startHostProcess } from '../../../local/host/hostProcess.ts';
import { eventually, fixtureHostJson, readRecords, startFixture, temporaryFolder } from './fixture.ts';
import { logged } from './logged.ts';

let azurite: Azurite;
let folder: string;
let host: HostProcess;
beforeAll(async () => {
  [azurite, folder] = await Promise.all([startAzurite(), temporaryFolder()]);
  host = await startFixture(azurite.connectionString, 'admin');
});
afterAll(async () => {
  await host?.close();
  await azurite?.close();
  if (folder) await rm(folder, { recursive: true });
});

const call = (path: string, init?: RequestInit) => fetch(`${host.url}${path}`, init);
const json = { 'content-type': 'application/json' };
const run = (name: string, body: string) => call(`/admin/functions/${name}`, { method: 'POST', headers: json, body });

describe('the admin endpoints', () => {
  test('the host serves ping, status, the list of functions and the homepage', async () => {
    expect((await call('/admin/host/ping')).status).toBe(200);
    expect((await call('/admin/host/ping', { method: 'POST' })).status).toBe(200);
    expect(await (await call('/admin/host/status')).json()).toMatchObject({
      state: 'Running',
      errors: [expect.stringContaining("'badTimer' function is in error")],
    });
    const functions = (await (await call('/admin/functions')).json()) as {
      name: string;
      config: { bindings: object[] };
    }[];
    expect(functions.map(({ name }) => name)).toEqual(host.functions);
    expect(functions.find(({ name }) => name === 'echo')?.config.bindings).toContainEqual(
      expect.objectContaining({ type: 'httpTrigger', authLevel: 'function', route: 'echo/{first}/{second?}' }),
    );
    expect((await call('/admin/functions/work')).status).toBe(200);
    expect((await call('/admin/functions/%77ork')).status).toBe(200);
    expect((await call('/admin/functions/%E0%A4%A')).status).toBe(404);
    expect((await call('/')).status).toBe(200);
  });

  test.each([
    ['nobody', '{"input":""}', 404],
    ['%zz', '{"input":""}', 404],
    ['work', '', 400],
    ['work', 'null', 400],
    ['work', '[]', 400],
  ])('/admin/functions refuses to run %s with %p: %i', async (name, body, status) => {
    expect((await run(name, body)).status).toBe(status);
  });

  test('/admin/functions runs a queue function with the input as message, an Event Grid function with it as event', async () => {
    expect((await run('work', JSON.stringify({ input: '{"by":"hand"}' }))).status).toBe(202);
    expect((await run('onEvent', JSON.stringify({ input: '{"id":"e1","data":{}}' }))).status).toBe(202);
    const [work] = await eventually(async () => {
      const runs = await readRecords(host, 'work');
      return runs.length > 0 ? runs : undefined;
    });
    expect(work).toMatchObject({ message: { by: 'hand' }, metadata: { queueTrigger: { by: 'hand' } } });
    await eventually(async () => (await readRecords(host, 'onEvent')).find(({ event }) => event?.id === 'e1'));
  });

  test('/admin/functions returns 202 before the run ends, also if it fails later', async () => {
    const slowFailure = { id: 'slow', data: { ms: 300, fail: 'much later' } };
    expect((await run('onEvent', JSON.stringify({ input: JSON.stringify(slowFailure) }))).status).toBe(202);
    expect(host.logs()).not.toContain('much later');
    await logged(host, 'much later');
  });
});

describe('an app that does not load', () => {
  async function startBroken(source: string): Promise<HostProcess> {
    const app = join(folder, `broken-${source.length}.cjs`);
    await writeFile(app, source);
    return startHostProcess({ app, hostJson: fixtureHostJson });
  }

  test.each([
    ['throws', 'throw new Error("no such setting");', 'no such setting'],
    ['registers nothing', 'module.exports = {};', 'registered no function'],
  ])('a host whose app %s reports it and returns 503', async (_how, source, why) => {
    const broken = await startBroken(source);
    try {
      expect(broken.functions).toEqual([]);
      await logged(broken, why);
      for (const path of ['/api/echo/a', '/runtime/webhooks/EventGrid?functionName=onEvent']) {
        const response = await fetch(`${broken.url}${path}`);
        expect([response.status, await response.text()]).toEqual([503, 'Function host is not running.']);
      }
      expect((await fetch(`${broken.url}/admin/host/ping`)).status).toBe(200);
      expect(await (await fetch(`${broken.url}/admin/host/status`)).json()).toMatchObject({
        state: 'Error',
        errors: [expect.stringContaining(why)],
      });
    } finally {
      await broken.close();
    }
  });
});

describe('the host as a command', () => {
  test.each([
    [{ app: 'no/such/app.js', hostJson: 'no/such/host.json' }, 'There is no host.json at "no/such/host.json".'],
    [{ app: 'x.js', port: 70_000 }, '--port 70000 is not a port; use 0 (any free port) to 65535.'],
  ])('the host program refuses the arguments %j with one sentence', async (options, sentence) => {
    await expect(startHostProcess(options)).rejects.toThrow(sentence);
  });
});
