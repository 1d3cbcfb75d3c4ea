import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { bicepReader, infra, root } from './bicepFile.ts';

/** What azd hands to its hooks: its own words, and the outputs of main.bicep. */
const azd = {
  AZURE_ENV_NAME: 'keeper one',
  AZURE_SUBSCRIPTION_ID: '99999999-8888-7777-6666-555555555555',
  AZURE_LOCATION: 'westeurope',
  KEEPER_RESOURCE_GROUP: 'rg-keeper',
  KEEPER_FUNCTION_APP: 'keeper-abc',
  KEEPER_STORAGE_ACCOUNT: 'keeperabc',
  KEEPER_ACTION_GROUP: 'keeper-abc',
};

describe('infra/subscribe.sh', () => {
  let bin: string;
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'keeper-bin-'));
  });
  afterEach(() => rmSync(bin, { recursive: true }));

  /** Runs it with an `az` that fails so many times first; answers each call's arguments, the waits, and how it ended. */
  function run(failures: number, env: Record<string, string> = azd) {
    const put = (name: string, script: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    const [calls, waits] = [join(bin, 'calls'), join(bin, 'waits')];
    put(
      'az',
      `for each in "$@"; do echo "$each" >>${calls}; done; echo === >>${calls}
      test -f events.bicep && test "$(grep -c ^===$ ${calls})" -gt ${failures}`,
    );
    put('sleep', `echo "$1" >>${waits}`);
    const { status, stdout, stderr } = spawnSync('sh', [join(infra, 'subscribe.sh')], {
      encoding: 'utf8',
      env: { ...env, PATH: `${bin}:${process.env.PATH}` },
    });
    const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []);
    const called = lines(calls)
      .join('\n')
      .split('\n===')
      .filter((call) => call.trim() !== '');
    return { calls: called.map((call) => call.trim().split('\n')), waits: lines(waits), status, stdout, stderr };
  }

  test('deploys phase two with every parameter that it has, and what azd knows of each', async () => {
    const { calls, status } = run(0);
    expect(status).toBe(0);
    expect(calls).toHaveLength(1);
    const [call = []] = calls;
    const behind = (option: string) => call[call.indexOf(option) + 1];
    expect(call.slice(0, 3)).toEqual(['deployment', 'sub', 'create']);
    expect(behind('--name')).toBe('module-keeper-events-keeper one');
    expect(behind('--subscription')).toBe(azd.AZURE_SUBSCRIPTION_ID);
    expect(behind('--location')).toBe('westeurope');
    expect(existsSync(join(infra, behind('--template-file') ?? ''))).toBe(true);
    const given = Object.fromEntries(
      call.slice(call.indexOf('--parameters') + 1).map((pair) => [pair.split('=')[0], pair.split('=')[1]]),
    );
    expect(given).toEqual({
      keeperResourceGroup: 'rg-keeper',
      functionAppName: 'keeper-abc',
      storageName: 'keeperabc',
      actionGroupName: 'keeper-abc',
    });
    const read = await bicepReader();
    const required = read('events.bicep')
      .list('param')
      .filter(({ value }) => value === undefined);
    expect(Object.keys(given).sort()).toEqual(required.map(({ name }) => name).sort());
    const outputs = read('main.bicep')
      .list('output')
      .map(({ name }) => name);
    expect(Object.keys(azd).filter((name) => name.startsWith('KEEPER_') && !outputs.includes(name))).toEqual([]);
  });

  test('tries again while Event Grid does not see the function yet', () => {
    const { calls, waits, status } = run(2);
    expect({ status, tries: calls.length, waits }).toEqual({ status: 0, tries: 3, waits: ['30', '60'] });
  });

  test('gives up in the end, and says how to go on', () => {
    const { calls, waits, status, stderr } = run(9);
    expect({ status, tries: calls.length, waits }).toEqual({ status: 1, tries: 4, waits: ['30', '60', '120'] });
    expect(stderr).toContain('azd hooks run postdeploy');
  });

  test('does nothing without what phase one answered', () => {
    const { KEEPER_FUNCTION_APP: _gone, ...rest } = azd;
    const { calls, status, stderr } = run(0, rest);
    expect({ calls, failed: status !== 0 }).toEqual({ calls: [], failed: true });
    expect(stderr).toContain('KEEPER_FUNCTION_APP');
  });
});

test('infra/subscribe.ps1, which is not run here, says the same to az', () => {
  const words = (name: string) => readFileSync(join(infra, name), 'utf8').replace(/\$env:/g, '$');
  const call = (text: string) =>
    (/az deployment sub create[\s\S]*?actionGroupName=\$\w+"/.exec(text)?.[0] ?? '')
      .replace(/[\\`]?\n\s*/g, ' ')
      .replace(/ +/g, ' ');
  expect(call(words('subscribe.sh'))).toContain('--parameters');
  expect(call(words('subscribe.ps1'))).toBe(call(words('subscribe.sh')));
  const waits = (text: string) => /(?:seconds in )([\d, ]+)/.exec(text)?.[1]?.replaceAll(',', '').trim();
  expect(waits(words('subscribe.ps1'))).toBe(waits(words('subscribe.sh')));
});

describe('azd down', () => {
  const script = join(infra, 'refuseDown.sh');

  test('is refused, since it would delete the resource groups of the hubs; the way that spares them is named', () => {
    const { status, stderr } = spawnSync('sh', [script], { encoding: 'utf8', env: { ...azd, PATH: process.env.PATH } });
    expect(status).toBe(1);
    expect(stderr).toContain(`az group delete --subscription "${azd.AZURE_SUBSCRIPTION_ID}" --name "rg-keeper"`);
    expect(stderr).toContain('infra/README.md#take-it-away');
    expect(readFileSync(join(infra, 'README.md'), 'utf8')).toContain('\n## Take it away\n');
  });

  test('is refused in the same words on Windows, where the script is not run here', () => {
    const said = (name: string) =>
      (/^azd down would[\s\S]*take-it-away$/m.exec(readFileSync(join(infra, name), 'utf8'))?.[0] ?? '')
        .replace(/\$\{(\w+):-[^}]*\}/g, '$$$1')
        .replaceAll('$env:', '$');
    expect(said('refuseDown.sh')).toContain('az group delete');
    expect(said('refuseDown.ps1')).toBe(said('refuseDown.sh'));
    expect(readFileSync(join(infra, 'refuseDown.ps1'), 'utf8')).toMatch(/\nexit 1\n$/);
  });
});

describe('azure.yaml', () => {
  const {
    services,
    hooks,
    infra: templates,
  } = parse(readFileSync(join(root, 'azure.yaml'), 'utf8')) as {
    services: Record<string, Record<string, unknown>>;
    hooks: Record<string, Record<'posix' | 'windows', { shell: string; run: string }>>;
    infra: { path: string };
  };

  test('runs scripts and files that are there, on both kinds of system', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(Object.keys(hooks)).toEqual(['prepackage', 'predeploy', 'postdeploy', 'predown']);
    for (const { posix, windows } of Object.values(hooks)) {
      expect([posix.shell, windows.shell]).toEqual(['sh', 'pwsh']);
      for (const { run } of [posix, windows]) {
        const [, script] = /npm run (\w+)$/.exec(run) ?? [];
        if (script === undefined) expect(existsSync(join(root, run))).toBe(true);
        else expect(scripts).toHaveProperty([script]);
      }
    }
    for (const { posix } of [hooks.postdeploy, hooks.predown].flatMap((hook) => hook ?? [])) {
      expect(statSync(join(root, posix.run)).mode & 0o111).not.toBe(0);
    }
    expect(existsSync(join(root, templates.path, 'main.bicep'))).toBe(true);
  });

  test('takes the code as it was staged, and builds nothing in Azure', () => {
    expect(services.keeper).toEqual({ project: './dist-azd', language: 'js', host: 'function', remoteBuild: false });
    expect(readFileSync(join(root, 'scripts/stage.ts'), 'utf8')).toContain("'dist-azd'");
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('dist-azd/');
  });
});
