import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { bundleCli } from '../../scripts/bundle.ts';
import { ProgramRun } from '../support/programRun.ts';
import { agent, keys, TestCloud } from './testCloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await TestCloud.start({
    seed: ({ hub }) => seedDevices(hub, { count: 60, mix: { disabled: 0.1, edge: 0.1 } }),
  });
});
afterAll(() => cloud?.cloud.close());

/** Everything that the command line has written in this file; searched for keys at the end. */
const written: string[] = [];

async function keeper(
  args: string,
  env: Record<string, string> = {},
): Promise<{ code: unknown; stdout: string; output: string }> {
  const access = { KEEPER_URL: cloud.cloud.host.url, KEEPER_KEY: keys.host };
  const run = new ProgramRun('cli/main.ts', args.split(' '), { ...access, ...env });
  const code = await run.exitCode();
  written.push(run.output);
  return { code, stdout: run.stdout, output: run.output };
}

const devices = () => [...cloud.hub.devices()];
const isDisabled = (deviceId: string) => cloud.hub.device(deviceId)?.status === 'disabled';
const missing = () =>
  devices().filter(({ deviceId, edge, moduleIds }) => !edge && !isDisabled(deviceId) && !moduleIds.includes(agent));
const moduleCount = () => devices().reduce((sum, { moduleIds }) => sum + moduleIds.length, 0);

// In this order: from a hub that was never swept to one that is covered as far as it can be.
describe('keeper, with a running app,', () => {
  test('status says no before the first sweep', async () => {
    const { code, output } = await keeper('status');
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('contoso: No sweep has finished yet'),
    });
  });

  test('why names a missing module and what would be done', async () => {
    const deviceId = missing()[0]?.deviceId ?? '';
    const { code, stdout } = await keeper(`why ${deviceId} --output json`);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject([
      { hub: 'contoso', deviceId, modules: [{ moduleId: agent, state: 'missing', needs: 'create' }] },
    ]);
  });

  test('plan names every device that a sweep would change, and changes nothing', async () => {
    const [before, expected] = [moduleCount(), missing().map(({ deviceId }) => deviceId)];
    const { code, stdout } = await keeper('plan contoso --all --exit-code');
    expect(code).toBe(1);
    expect(moduleCount()).toBe(before);
    const named = [...stdout.matchAll(/^\+ contoso (\S+) DefenderIotMicroAgent$/gm)].map(([, deviceId]) => deviceId);
    expect(named.sort()).toEqual(expected.sort());
    expect(stdout).toMatch(new RegExp(`^contoso  DefenderIotMicroAgent  created +- +${expected.length}$`, 'm'));
    expect(stdout).toMatch(/^contoso {2}- +excluded +edge/m);
    expect(stdout).toMatch(/^contoso {2}- +blocked +disabled/m);
  });

  test('sweep --wait covers the hub', async () => {
    const expected = missing().length;
    const { code, stdout } = await keeper('sweep contoso --wait --output json');
    expect({ code, left: missing() }).toEqual({ code: 0, left: [] });
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ status: 'done', counts: { created: expected, failed: 0 } }] });
  });

  test('plan --exit-code says yes if nothing is to change', async () => {
    const { code, output } = await keeper('plan --exit-code');
    expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('Nothing is to change.') });
  });

  test('failures names each blocked device, with what to do, also as CSV', async () => {
    const disabled = devices().filter(({ deviceId, edge }) => !edge && isDisabled(deviceId));
    const { code, stdout } = await keeper('failures --output csv');
    expect(code).toBe(1);
    const rows = stdout.trimEnd().split('\r\n').slice(1);
    expect(rows).toHaveLength(disabled.length);
    for (const row of rows) expect(row).toMatch(/^contoso,.+,DefenderIotMicroAgent,blocked,disabled,.*Enable it/);
    expect((await keeper('failures contoso')).output).toContain(
      `${disabled.length} × disabled: The device is disabled`,
    );
  });

  test('status says no while devices are blocked, and --min-coverage accepts a lower coverage', async () => {
    const { code, output } = await keeper('status');
    expect({ code, output }).toEqual({ code: 1, output: expect.stringContaining('its coverage is below 100 %') });
    expect(await keeper('status --min-coverage 50')).toMatchObject({ code: 0 });
    const { stdout } = await keeper('hubs --output json');
    expect(JSON.parse(stdout)).toMatchObject({ hubs: [{ hub: 'contoso', coverage: { counts: { missing: 0 } } }] });
  });

  test('why says yes of a device that has its module, and knows which hub has it', async () => {
    const covered = devices().find(({ edge, moduleIds }) => !edge && moduleIds.includes(agent))?.deviceId ?? '';
    expect(await keeper(`why ${covered}`)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^contoso {2}DefenderIotMicroAgent {2}present/m),
    });
    expect(await keeper('why no-such-device')).toMatchObject({
      code: 1,
      output: expect.stringContaining('No hub of the app has'),
    });
  });

  test('cancel and undo refuse what cannot be cancelled or undone', async () => {
    expect(await keeper('cancel contoso')).toMatchObject({
      code: 1,
      output: expect.stringContaining('no run that could be cancelled'),
    });
    const { stdout } = await keeper('sweep contoso --dry-run --wait --output json');
    const { runId } = (JSON.parse(stdout) as { runs: { runId: string }[] }).runs[0] ?? { runId: '' };
    expect(await keeper(`undo contoso ${runId}`)).toMatchObject({
      code: 1,
      output: expect.stringContaining('has removed nothing'),
    });
    expect(await keeper(`cancel contoso ${runId}`)).toMatchObject({
      code: 1,
      output: expect.stringContaining('had ended before'),
    });
  });

  test('sweep removes the modules that plan named, and undo creates them again', async () => {
    const had = devices().filter(({ moduleIds }) => moduleIds.includes(agent)).length;
    const put = await fetch(`${cloud.cloud.host.url}/api/policy`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'if-none-match': '*', 'x-functions-key': keys.host },
      body: JSON.stringify([{ moduleId: agent, ensure: 'absent', stop: { maxChanges: 1000 } }]),
    });
    expect(put.status).toBe(201);
    const { stdout: planned } = await keeper('plan --all');
    expect(planned.match(/^- contoso \S+ DefenderIotMicroAgent/gm)).toHaveLength(had);
    const { code, stdout } = await keeper('sweep --wait --output json');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.any(String) });
    const { runs } = JSON.parse(stdout) as { runs: { runId: string; counts: { removed: number } }[] };
    expect(runs).toMatchObject([{ counts: { removed: had } }]);
    expect(devices().filter(({ moduleIds }) => moduleIds.includes(agent))).toEqual([]);
    const undone = await keeper(`undo contoso ${runs[0]?.runId} --wait`);
    expect(undone).toEqual({ code: 0, stdout: expect.any(String), output: expect.stringContaining('new keys') });
    expect(devices().filter(({ moduleIds }) => moduleIds.includes(agent))).toHaveLength(had);
  });

  test.each([
    ['a wrong key', { KEEPER_KEY: 'wrong' }, 3, 'The app refuses the key'],
    ['no key', { KEEPER_KEY: '' }, 3, 'The app needs a key'],
    ['another address', { KEEPER_URL: 'http://127.0.0.1:9' }, 3, 'The app cannot be reached'],
    ['no address', { KEEPER_URL: '' }, 2, 'KEEPER_URL is not set'],
  ])('hubs fails with %s, and says why', async (_what, env, code, words) => {
    expect(await keeper('hubs', env)).toMatchObject({ code, stdout: '', output: expect.stringContaining(words) });
  });

  test('sweep of an unknown hub says no', async () => {
    expect(await keeper('sweep no-such-hub')).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no such hub'),
    });
  });

  test('no output holds a key of the hub, of the storage or of the app', async () => {
    const secrets = [
      ...[cloud.cloud.emulator.connectionString, cloud.cloud.storageConnectionString].map(
        (text) => /Key=([^;]+)/.exec(text)?.[1] ?? '',
      ),
      ...[keys.host, keys.master],
    ];
    const modules = devices().flatMap(({ deviceId, moduleIds }) =>
      moduleIds.map((moduleId) => cloud.hub.identity(deviceId, moduleId)),
    );
    const ofModules = [...JSON.stringify(modules).matchAll(/"(?:primary|secondary)Key":"([^"]+)"/g)].map(
      ([, key = '']) => key,
    );
    expect(ofModules.length).toBeGreaterThan(20);
    for (const secret of [...secrets, ...ofModules]) expect(written.join('\n').includes(secret)).toBe(false);
    expect(written.join('').length).toBeGreaterThan(10_000);
  });
});

describe('keeper, as a bundle in an empty folder,', () => {
  let folder: string;
  let program: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'module-keeper-cli-'));
    program = await bundleCli(join(folder, 'dist-cli'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Started as a shell does, by its first line. */
  const start = (args: string[]) =>
    promisify(execFile)(program, args, { cwd: folder }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
    );

  test('runs --help, size and check', async () => {
    expect(await start(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('keeper COMMAND') });
    const size = ['size', '--tier', 'S2', '--units', '3', '--devices', '40000'];
    const { stdout } = await start([...size, '--output', 'json']);
    // S2: 100 registry operations a minute and unit, half of them granted.
    expect(JSON.parse(stdout)).toMatchObject({
      createsPerMinute: 150,
      backfillHours: 40_000 / 150 / 60,
      dollarsPerMonth: null,
    });
    expect((await start(size)).stdout).toContain('see https://azure.microsoft.com/pricing/details/iot-hub/');

    const file = join(folder, 'policy.json');
    await writeFile(file, '[{"moduleId":"agent"}]');
    expect(await start(['check', file])).toMatchObject({ code: 0 });
    await writeFile(file, '[{"moduleId":"agent","ensuer":"absent"}]');
    expect(await start(['check', file])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('did you mean ensure?'),
    });
    expect(await start(['check', join(folder, 'none.json')])).toMatchObject({ code: 2 });
  });
});
