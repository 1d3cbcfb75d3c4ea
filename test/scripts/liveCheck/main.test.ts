import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { childEnvironment } from '../../../local/childEnvironment.ts';
import type { Emulator } from '../../../local/emulator/emulator.ts';
import { withEmulator } from '../../local/emulator/withEmulator.ts';

const root = join(__dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'live-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `npm run live-check` with real time. `onOutput` gets all output so far. */
function run(
  args: readonly string[],
  env: Record<string, string>,
  onOutput?: (text: string, kill: () => void) => void,
) {
  const child = spawn(join(root, 'node_modules/node/bin/node'), ['scripts/liveCheck/main.ts', ...args], {
    cwd: root,
    env: { ...childEnvironment(), ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part) => {
      output += part;
      onOutput?.(output, () => child.kill('SIGINT'));
    });
  return new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, output })),
  );
}

const variables = (emulator: Emulator) => ({ HUB: emulator.connectionString, NODE_EXTRA_CA_CERTS: emulator.caFile });
const quick = ['--only', 'existing-module,count-of-modules', '--recordings', join(folder, 'made', 'here')];
const idsOf = (emulator: Emulator) => [...emulator.hub.devices()].map(({ deviceId }) => deviceId);

describe('npm run live-check', () => {
  test('prints the table, writes recordings, removes its device, prints no key', async () => {
    await withEmulator({}, async (_, emulator) => {
      const { code, output } = await run(['--connection-string-from', 'HUB', ...quick], variables(emulator));
      expect([code, code === 0 ? '' : output]).toEqual([0, '']);
      expect(output).toContain('| 409 ModuleAlreadyExistsOnDevice, flat body with errorCode 409301 | as expected |');
      expect(output).not.toContain(/SharedAccessKey=(.+)$/.exec(emulator.connectionString)?.[1]);
      expect(readdirSync(join(folder, 'made', 'here')).sort()).toEqual([
        ...['count-of-modules.json', 'existing-module.json', 'first-calls.json', 'removal.json'],
      ]);
      expect(idsOf(emulator)).toEqual([]);
      expect(emulator.counters().devicesCreated).toBe(1);
    });
  });

  test('with --hub it takes a token of DefaultAzureCredential', async () => {
    await withEmulator({}, async (_, emulator) => {
      const { identityEndpoint, identityHeader } = emulator.entra;
      const env = { ...variables(emulator), IDENTITY_ENDPOINT: identityEndpoint, IDENTITY_HEADER: identityHeader };
      const { code, output } = await run(['--hub', emulator.hostName, ...quick], env);
      expect([code, code === 0 ? '' : output]).toEqual([0, '']);
      expect(emulator.counters().devicesCreated).toBe(1);
    });
  });

  test('Ctrl+C, which npm sends twice, ends it with code 2, and the device is removed', async () => {
    await withEmulator({ queryDelayMs: 600_000 }, async (_, emulator) => {
      let isKilled = false;
      const args = ['--connection-string-from', 'HUB', '--only', 'index-delay', '--recordings', folder];
      const { code, output } = await run(args, variables(emulator), (text, kill) => {
        if (isKilled || !text.includes('- index-delay')) return;
        isKilled = true;
        expect(idsOf(emulator)).toHaveLength(1);
        kill();
        kill();
      });
      expect(output).toContain('Interrupted');
      expect(code).toBe(2);
      expect(idsOf(emulator)).toEqual([]);
    });
  });

  test('bad input ends with code 2 and what to write; --help with 0', async () => {
    expect(await run(['--help'], {})).toEqual({
      code: 0,
      output: expect.stringContaining('--connection-string-from NAME'),
    });
    expect(await run([], {})).toEqual({ code: 2, output: expect.stringMatching(/^Write either .*\nSee --help\.\n$/) });
    const noFolder = await run(['--hub', 'localhost', '--recordings', join(root, 'package.json', 'x')], {});
    expect(noFolder).toEqual({
      code: 2,
      output: expect.stringContaining('The folder for recordings cannot be made (ENOTDIR)'),
    });
    const nobody = { HUB: 'HostName=localhost:1;SharedAccessKeyName=a;SharedAccessKey=AAAA' };
    const refused = await run(['--connection-string-from', 'HUB', '--recordings', folder], nobody);
    expect(refused).toEqual({
      code: 2,
      output: expect.stringContaining('no answer from the hub (ECONNREFUSED)'.slice(1)),
    });
  });
});
