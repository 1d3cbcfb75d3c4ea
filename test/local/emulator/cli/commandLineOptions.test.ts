import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { CommandLineError, readCommandLine } from '../../../../local/emulator/cli/commandLine.ts';
import { helpText } from '../../../../local/emulator/cli/helpText.ts';

const main = join(__dirname, '../../../../local/emulator/cli/main.ts');

describe('The command line of the emulator', () => {
  test('the command line passes on time, seed, quota, jobs, identity limit and roles', () => {
    const args = [
      ...['--time-scale', '60', '--seed', '7', '--messages-per-day', '100', '--max-identities', '9'],
      ...['--job-enqueued-ms', '1', '--job-running-ms', '2', '--entra-roles', 'iot hub data reader,Owner'],
    ];
    expect(readCommandLine(args)).toMatchObject({
      options: {
        ...{ timeScale: 60, seed: 7, messagesPerDay: 100, maxIdentities: 9, jobEnqueuedMs: 1, jobRunningMs: 2 },
        entraRoles: ['IoT Hub Data Reader', 'Owner'],
      },
      showEntra: true,
    });
    expect(readCommandLine(['--entra'])).toMatchObject({ showEntra: true });
    expect(readCommandLine(['--time-scale', '0.5'])).toMatchObject({ options: { timeScale: 0.5 } });
    expect(readCommandLine(['--any-page-size'])).toMatchObject({ options: { fixedPageSize: false } });
  });

  test.each([
    ['--time-scale', '0'],
    ['--time-scale', '-1'],
    ['--time-scale', 'fast'],
    ['--seed', '1.5'],
    ['--messages-per-day', 'x'],
    ['--entra-roles', 'Reader'],
  ])('the command line refuses %s %s', (option, value) => {
    expect(() => readCommandLine([`${option}=${value}`])).toThrow(CommandLineError);
  });

  test('--help lists exactly the options that the command line accepts', () => {
    const listed = [...helpText.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option = '']) => option);
    expect(listed.length).toBeGreaterThan(15);
    const values: Record<string, string> = { '--tier': 'S1', '--name': 'hub', '--entra-roles': 'Owner' };
    const flags = ['--no-throttling', '--any-page-size', '--entra', '--help'];
    for (const option of listed)
      expect(() => readCommandLine(flags.includes(option) ? [option] : [option, values[option] ?? '1'])).not.toThrow();
  });

  test('--entra adds an identity endpoint to the ready line, and it issues a token', async () => {
    const script = `
      import { spawn } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { get } from 'node:https';
      const child = spawn(process.execPath, [process.argv[1], '--port', '0', '--entra'], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.once('data', (line) => {
        const { identityEndpoint, identityHeader, ca } = JSON.parse(line);
        const path = '?api-version=2019-08-01&resource=https://iothubs.azure.net';
        get(identityEndpoint + path, { ca: readFileSync(ca), headers: { 'x-identity-header': identityHeader } }, (response) => {
          response.resume().on('end', () => child.kill());
          console.log(response.statusCode);
        });
      });`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, main]);
    expect(stdout.trim()).toBe('200');
  });
});
