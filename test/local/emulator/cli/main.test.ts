import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CommandLineError, readCommandLine } from '../../../../local/emulator/cli/commandLine.ts';
import { startEmulator } from '../../../../local/emulator/emulator.ts';

const main = join(__dirname, '../../../../local/emulator/cli/main.ts');

interface Output {
  stdout: string;
  stderr: string;
}

function collect(child: ChildProcess): Output {
  const output: Output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => {
    output.stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output.stderr += chunk;
  });
  return output;
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((resolve) => child.on('close', resolve));

describe('The emulator as a program', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'the program prints one line when it is ready, and exits cleanly on %s',
    async (signal) => {
      const child = spawn(process.execPath, [main, '--port', '0', '--devices', '20']);
      const output = collect(child);
      const end = ended(child);
      const deadlineMs = Date.now() + 300_000;
      while (!output.stdout.includes('\n') && Date.now() < deadlineMs)
        await new Promise((resolve) => setTimeout(resolve, 20));
      const ready = JSON.parse(output.stdout);
      expect(ready).toEqual({
        ready: true,
        hostName: expect.stringMatching(/^localhost:\d+$/),
        connectionString: expect.stringContaining(`HostName=${ready.hostName};SharedAccessKeyName=iothubowner;`),
        ca: expect.any(String),
      });
      expect(existsSync(ready.ca)).toBe(true);
      child.kill(signal);
      expect(await end).toBe(0);
      expect(existsSync(ready.ca)).toBe(false);
      expect(output.stderr).toBe('');
    },
  );

  test.each([
    [['--help'], 0, 'stdout', '--devices'],
    [['--what'], 1, 'stderr', '--help'],
    [['--tier', 'S9'], 1, 'stderr', 'S1'],
    [['--units', '201'], 1, 'stderr', '200'],
    [['--name', 'a b'], 1, 'stderr', 'letters'],
    [['--port', '0', '--devices', '9', '--max-identities', '3'], 1, 'stderr', 'exceeded the allocated quota'],
  ] as const)('the program handles %j and exits with %i', async (args, code, stream, text) => {
    const child = spawn(process.execPath, [main, ...args]);
    const output = collect(child);
    expect(await ended(child)).toBe(code);
    expect(output[stream]).toContain(text);
    expect(output.stderr).not.toContain('    at ');
  });

  test('the program says which port is taken, and which option chooses another', async () => {
    const first = await startEmulator({ name: 'contoso' });
    try {
      const child = spawn(process.execPath, [main, '--port', String(first.port)]);
      const output = collect(child);
      expect(await ended(child)).toBe(1);
      expect(output.stderr).toBe(
        `Port ${first.port} on 127.0.0.1 is in use. Choose another one with --port (0: any free port).\n`,
      );
    } finally {
      await first.close();
    }
  });
});

describe('The command line', () => {
  test('the command line has the documented defaults', () => {
    expect(readCommandLine([])).toEqual({
      kind: 'start',
      options: { name: 'contoso', tier: 'S1', units: 1, port: 8443, throttling: true },
      devices: 0,
    });
  });

  test('the command line passes on every option', () => {
    const args =
      '--port 1 --name fabrikam --tier s3 --units 2 --devices 3 --query-delay-ms 4 --ghost-ms 5 --readable-after-ms 6 --max-page-rows 7 --no-throttling';
    expect(readCommandLine(args.split(' '))).toEqual({
      kind: 'start',
      options: {
        ...{ name: 'fabrikam', tier: 'S3', units: 2, port: 1, throttling: false },
        ...{ queryDelayMs: 4, ghostMs: 5, readableAfterMs: 6, maxPageRows: 7 },
      },
      devices: 3,
    });
  });

  test.each(['--port -1', '--port 70000', '--port x', '--devices 1.5', 'stray'])(
    'the command line refuses %s',
    (line) => {
      expect(() => readCommandLine(line.split(' '))).toThrow(CommandLineError);
    },
  );
});

describe('Starting', () => {
  test('startEmulator rejects if the port is taken, and removes its files', async () => {
    const first = await startEmulator({ name: 'contoso' });
    try {
      await expect(startEmulator({ name: 'contoso', port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    } finally {
      await first.close();
    }
    expect(existsSync(first.caFile)).toBe(false);
  });

  test.each([
    { name: '-x-' },
    { name: 'contoso', units: 0 },
    { name: 'contoso', queryDelayMs: -1 },
    { name: 'contoso', ghostMs: Number.NaN },
  ])('startEmulator refuses %j', async (options) => {
    await expect(startEmulator(options)).rejects.toThrow(RangeError);
  });
});
