import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startHostProcess } from '../../../local/host/hostProcess.ts';
import { eventually, fixtureHostJson, temporaryFolder } from './fixture.ts';
import { logged } from './logged.ts';

/** A minimal app: one HTTP function that returns a setting. */
const appSource = `
  const { app } = require(${JSON.stringify(join(process.cwd(), 'node_modules/@azure/functions'))});
  app.http('setting', { methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: process.env.SETTING ?? 'none' }) });
  app.storageQueue('unconnected', { queueName: 'some-queue', connection: 'NoSuchSetting', handler: () => undefined });
`;

let folder: string;
let app: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  app = join(folder, 'app.cjs');
  await writeFile(app, appSource);
});
afterAll(() => rm(folder, { recursive: true }));

describe('the host process', () => {
  test('the host process passes settings to the app, and runs the functions whose connections are set', async () => {
    const host = await startHostProcess({ app, hostJson: fixtureHostJson, settings: { SETTING: 'given' } });
    try {
      expect(await (await fetch(`${host.url}/api/setting`)).text()).toBe('given');
      await logged(
        host,
        'The listener for function \'unconnected\' was unable to start. Storage connection \\"NoSuchSetting\\" is not set',
      );
    } finally {
      await host.close();
      await host.close();
    }
  });

  test('a variable of the calling shell does not reach the app', async () => {
    process.env.SETTING = 'from the shell';
    try {
      const host = await startHostProcess({ app, hostJson: fixtureHostJson });
      expect(await (await fetch(`${host.url}/api/setting`)).text()).toBe('none');
      await host.close();
    } finally {
      delete process.env.SETTING;
    }
  });

  test('the host process reads settings from a file, and the environment overrides them', async () => {
    const settings = join(folder, 'local.settings.json');
    await writeFile(settings, JSON.stringify({ IsEncrypted: false, Values: { SETTING: 'from the file' } }));
    for (const [environment, expected] of [
      [{}, 'from the file'],
      [{ SETTING: 'from the environment' }, 'from the environment'],
    ] as const) {
      const host = spawn(
        process.execPath,
        ['local/host/main.ts', '--until-stdin-ends', '--app', app, '--port', '0', '--settings', settings],
        { stdio: ['pipe', 'pipe', 'ignore'], env: { ...process.env, ...environment } },
      );
      const [line] = (await once(createInterface({ input: host.stdout }), 'line')) as [string];
      expect(await (await fetch(`${JSON.parse(line).url}/api/setting`)).text()).toBe(expected);
      host.stdin.end();
      expect(await once(host, 'exit')).toEqual([0, null]);
    }
  });

  test('the host process ends when its parent is killed', async () => {
    const starter = [
      `import { startHostProcess } from ${JSON.stringify(join(process.cwd(), 'local/host/hostProcess.ts'))};`,
      `console.log((await startHostProcess({ app: ${JSON.stringify(app)} })).url);`,
    ].join('\n');
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', starter], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [url] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string];
    expect((await fetch(`${url}/admin/host/ping`)).status).toBe(200);
    parent.kill('SIGKILL');
    const refused = await eventually(() =>
      fetch(`${url}/admin/host/ping`).then(
        () => undefined,
        () => true,
      ),
    );
    expect(refused).toBe(true);
  });

  test('startHostProcess rejects with the reason if the port is taken', async () => {
    const first = await startHostProcess({ app, hostJson: fixtureHostJson });
    try {
      const port = Number(new URL(first.url).port);
      await expect(startHostProcess({ app, port })).rejects.toThrow(
        `Port ${port} on 127.0.0.1 is in use. Choose another one with --port (0: any free port).`,
      );
    } finally {
      await first.close();
    }
  });
});
