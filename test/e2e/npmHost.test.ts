import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Emulator, startEmulator } from '../../local/emulator/emulator.ts';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { ProgramRun } from '../support/programRun.ts';
import { testApp } from '../support/testApp.ts';

const agent = 'DefenderIotMicroAgent';

let folder: string;
let emulator: Emulator;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-host-'));
  // Stands for the user's real hub: it runs before the app, and its process knows nothing of it.
  emulator = await startEmulator({ name: 'contoso', tier: 'S3', queryDelayMs: 0 });
  seedDevices(emulator.hub, { count: 60, mix: { edge: 0.1, disabled: 0.1, withModule: 0.1 } });
  await writeSettings({ IOTHUB_CONNECTION_STRING: emulator.connectionString, HUB_NAME: 'contoso', HUB_TIER: 'S3' });
});
afterEach(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

const settingsFile = () => join(folder, 'local.settings.json');

async function writeSettings(values: Record<string, string>): Promise<void> {
  const settings = {
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    AzureWebJobsStorage__accountName: '',
    ...values,
  };
  await writeFile(settingsFile(), JSON.stringify({ IsEncrypted: false, Values: settings }));
}

function host(args: string[], env: Record<string, string | undefined> = {}): ProgramRun {
  const options = ['--settings', settingsFile(), '--storage', join(folder, 'storage'), '--port', '0'];
  return new ProgramRun('local/ownHub/main.ts', ['--app', testApp(), ...options, ...args], {
    NODE_EXTRA_CA_CERTS: emulator.caFile,
    IOTHUB_CONNECTION_STRING: undefined,
    ...env,
  });
}

const withModule = () => [...emulator.hub.devices()].filter(({ moduleIds }) => moduleIds.includes(agent)).length;
const moduleCount = () => [...emulator.hub.devices()].reduce((sum, { moduleIds }) => sum + moduleIds.length, 0);

async function ended(run: ProgramRun): Promise<unknown> {
  const code = await run.exitCode();
  const key = /SharedAccessKey=([^;]+)/.exec(emulator.connectionString)?.[1] ?? 'no key';
  expect(run.output).not.toContain(key);
  expect(run.output).not.toMatch(/AccountKey=|SharedAccessSignature/);
  return code;
}

/** The address that the run has printed. */
async function apiOf(run: ProgramRun): Promise<string> {
  await run.untilOutput('Ctrl+C ends it');
  return /The app runs at (\S+);/.exec(run.output)?.[1] ?? '';
}

describe('npm run host', () => {
  test('says what it would do, and starts nothing if it has no terminal to ask for a confirmation', async () => {
    const run = host([]);
    expect({ code: await ended(run), output: run.output }).toEqual({ code: 2, output: expect.any(String) });
    for (const text of [
      `contoso: ${emulator.hostName}, tier S3, 1 unit, SAS policy iothubowner`,
      '60 devices',
      'DefenderIotMicroAgent: created where it is missing, on every device but IoT Edge devices',
      '50 % of its throttle: 2,500 creates a minute',
      'events     none',
      'This creates module identities on: contoso.',
      'Add --yes',
    ])
      expect(run.output).toContain(text);
    expect(await readdir(folder)).toEqual(['local.settings.json']);
  });

  test('--dry-run says what a sweep would create, changes nothing and leaves nothing behind', async () => {
    const before = moduleCount();
    const run = host(['--dry-run']);
    expect({ code: await ended(run), output: run.output }).toEqual({ code: 0, output: expect.any(String) });
    const missing = [...emulator.hub.devices()].filter(({ deviceId, edge, moduleIds }) => {
      return !edge && !moduleIds.includes(agent) && emulator.hub.device(deviceId)?.status === 'enabled';
    }).length;
    expect(run.output).toContain(`contoso: 60 devices; ${missing} modules would be created`);
    expect(moduleCount()).toBe(before);
    expect(await readdir(folder)).toEqual(['local.settings.json']);
  });

  test('--yes sweeps the hub, ends at Ctrl+C, and has its runs and its policy again at the next start', async () => {
    const before = withModule();
    const first = host(['--yes']);
    const started = await fetch(`${await apiOf(first)}/api/sweeps`, { method: 'POST' });
    const { runs } = (await started.json()) as { runs: { url: string; runId: string }[] };
    await first.untilOutput('Run ended');
    expect(withModule()).toBeGreaterThan(before);
    first.pressCtrlC();
    expect({ code: await ended(first), output: first.output }).toEqual({ code: 0, output: expect.any(String) });

    const written = await fetch(`${await apiOf(first)}/api/sweeps`).catch(() => 'ended');
    expect(written).toBe('ended');

    const second = host(['--yes']);
    const listed = await fetch(`${await apiOf(second)}/api/sweeps`);
    expect(await listed.json()).toMatchObject({ runs: [{ runId: runs[0]?.runId, status: 'done' }] });
    const put = await fetch(`${await apiOf(second)}/api/policy`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-none-match': '*' },
      body: '[{"moduleId":"other","select":{"deviceIds":["cork-*"]}}]',
    });
    expect(put.status).toBe(201);
    second.pressCtrlC();
    expect(await ended(second)).toBe(0);

    const dry = host(['--dry-run']);
    expect(await ended(dry)).toBe(0);
    expect(dry.output).toContain('other: created where it is missing, on every device but IoT Edge devices, if its id');
    expect(dry.output).toMatch(/\d+ devices left out \(deviceId\)/);
  });

  test('names every problem of the settings, and what to write', async () => {
    await writeSettings({ IOTHUB_CONNECTION_STRING: 'HostName=contoso.azure-devices.net', HUB_UNIT: '2' });
    const run = host(['--yes']);
    expect(await ended(run)).toBe(1);
    expect(run.output).toContain('IOTHUB_CONNECTION_STRING: has no SharedAccessKeyName and no SharedAccessKey');
    expect(run.output).toContain('HUB_UNIT: did you mean HUB_UNITS?');
  });

  test('says of a hub that refuses it what to check, and starts nothing', async () => {
    const wrongKey = emulator.connectionString.replace(/SharedAccessKey=.*/, `SharedAccessKey=${'AAAA'.repeat(11)}`);
    const run = host(['--yes'], { IOTHUB_CONNECTION_STRING: wrongKey });
    expect(await ended(run)).toBe(1);
    expect(run.output).toContain('CANNOT BE READ');
    expect(run.output).toContain('RegistryRead and ServiceConnect');
    expect(run.output).toContain('Nothing was started, because contoso cannot be read.');
  });

  test('ends if the app cannot be loaded, and says why', async () => {
    const run = host(['--yes', '--app', join(folder, 'no-such.js')]);
    expect(await ended(run)).toBe(1);
    expect(run.output).toContain('does not exist; build it first');
    expect(run.output).toContain('The app could not be loaded');
    expect(run.output).not.toContain('The app runs at');
  });

  test.each([
    [['--nonsense'], '--nonsense is unknown here'],
    [['--port', '70000'], '--port must be a whole number'],
    [['HostName=contoso;SharedAccessKey=c2VjcmV0'], 'The arguments cannot be read.'],
  ])('refuses the arguments %j', async (args, text) => {
    const run = host(args);
    expect(await ended(run)).toBe(2);
    expect(run.output).toContain(text);
    expect(run.output).not.toContain('c2VjcmV0');
  });
});
