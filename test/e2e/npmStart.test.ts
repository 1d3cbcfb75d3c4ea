import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { testApp } from '../support/testApp.ts';

/** A run of the program behind `npm start`, in a process group of its own as in a terminal. */
class StartRun {
  output = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly exited: Promise<unknown[]>;

  constructor(args: string[], env: Record<string, string>) {
    const program = ['--disable-warning=ExperimentalWarning', 'local/start.ts', '--app', testApp()];
    const ports = ['--port', '0', '--hub-port', '0'];
    this.child = spawn(process.execPath, [...program, ...ports, ...args], {
      env: { ...process.env, ...env },
      detached: true,
    });
    this.exited = once(this.child, 'close');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Resolves when the run has written this text. Rejects if it ends before. */
  async untilOutput(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      const ended = await Promise.race([
        once(this.child.stdout, 'data').then(() => false),
        this.exited.then(() => true),
      ]);
      if (ended && !this.output.includes(text)) throw new Error(`The run ended without "${text}":\n${this.output}`);
    }
  }

  /** Ctrl+C in a terminal: the signal goes to every process of the group. */
  pressCtrlC(): void {
    process.kill(-(this.child.pid ?? 0), 'SIGINT');
  }

  async exitCode(): Promise<unknown> {
    return (await this.exited)[0];
  }
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-start-'));
});
afterEach(() => rm(folder, { recursive: true }));

function start(args: string[], env: Record<string, string> = {}): StartRun {
  return new StartRun(args, { TMPDIR: folder, ...env });
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
