import { exec } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ProgramRun } from '../support/programRun.ts';
import { testApp } from '../support/testApp.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-start-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(args: string[], env: Record<string, string> = {}): ProgramRun {
  const ports = ['--port', '0', '--hub-port', '0'];
  return new ProgramRun('local/start.ts', ['--app', testApp(), ...ports, ...args], { TMPDIR: folder, ...env });
}

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

describe('npm start', () => {
  test.each([1, 10])(
    'with --once and --devices %i covers every device, whatever the shell has set',
    async (devices) => {
      const proxy = { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' };
      const run = start(['--once', '--devices', String(devices)], { ...proxy, HUB: '1', POLICY: 'no policy' });
      expect({ code: await run.exitCode(), output: run.output }).toEqual({ code: 0, output: expect.any(String) });
      const result = JSON.parse(run.output.trimEnd().split('\n').at(-1) ?? '');
      expect(Object.keys(result)).toEqual(['devices', 'selected', 'withModule', 'created']);
      expect(result).toMatchObject({ devices: devices + 1, withModule: result.selected });
      const bars = run.output.split('\n').filter((line) => line.includes(' %  '));
      expect(bars.filter((line) => line.includes('done'))).toEqual([expect.stringContaining('100 %')]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  test.each([
    ['while it starts', '1. Stand-ins for Azure', 130],
    ['during the demonstration', '4. Nightly sweep', 130],
    ['after the demonstration', 'Ctrl+C ends everything', 0],
  ])('ends at Ctrl+C %s, without the log of the host and without files', async (_when, text, code) => {
    const run = start(['--devices', '20']);
    await run.untilOutput(text);
    run.pressCtrlC();
    expect({ code: await run.exitCode(), output: run.output }).toEqual({ code, output: expect.any(String) });
    expect(run.output).not.toMatch(/Last log lines|Error/);
    expect(await readdir(folder)).toEqual([]);
  });

  test('prints a line that creates a device, and says when that device has its module', async () => {
    const run = start(['--devices', '20']);
    await run.untilOutput('Ctrl+C ends everything');
    const line = /^ +(curl --cacert .*)$/m.exec(run.output)?.[1] ?? '';
    const { stdout } = await promisify(exec)(line);
    const { deviceId } = JSON.parse(stdout) as { deviceId: string };
    expect(deviceId).toMatch(/^cork-press-\d{3}$/);
    await run.untilOutput(`${deviceId} was created; DefenderIotMicroAgent is on it `);
    run.pressCtrlC();
    expect(await run.exitCode()).toBe(0);
  });

  test('ends if the app cannot be loaded, and says why', async () => {
    const options = ['--app', join(folder, 'no-such.js'), '--port', '0', '--hub-port', '0'];
    const run = new ProgramRun('local/start.ts', options, { TMPDIR: folder });
    expect(await run.exitCode()).toBe(1);
    expect(run.output).toContain('does not exist; build it first');
    expect(run.output).toContain('The app could not be loaded');
    expect(run.output).not.toContain('2. Event');
  });

  test('prints its options for --help', async () => {
    const run = start(['--help']);
    expect(await run.exitCode()).toBe(0);
    expect(run.output).toContain('--once');
  });

  test.each(['--port', '--hub-port'])(
    'says that the port of %s is in use, and which option chooses another',
    async (option) => {
      const { server, port } = await listen();
      const run = start(['--once', option, String(port)]);
      expect(await run.exitCode()).toBe(1);
      server.close();
      expect(run.output).toContain(
        `Port ${port} on 127.0.0.1 is in use. Choose another one with ${option} (0: any free port).`,
      );
      expect(run.output).not.toMatch(/^\s+at /m);
      expect(await readdir(folder)).toEqual([]);
    },
  );
});
