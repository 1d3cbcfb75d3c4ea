import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { azd, parametersOf, runHook, spokenBy } from './azStandIn.ts';
import { bicepReader, infra, root } from './bicepFile.ts';

describe('infra/subscribe.sh', () => {
  const run = (failures: number, env?: Record<string, string>) =>
    runHook('subscribe.sh', 'events.bicep', failures, env);

  test('deploys phase three with every parameter that it has, and what azd knows of each', async () => {
    const { calls, status } = run(0);
    expect({ status, tries: calls.length }).toEqual({ status: 0, tries: 1 });
    const given = parametersOf(calls[0], 'module-keeper-events-keeper one', 'events.bicep');
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
  expect(spokenBy('subscribe.sh').call).toContain('"actionGroupName=$KEEPER_ACTION_GROUP"');
  expect(spokenBy('subscribe.ps1')).toEqual(spokenBy('subscribe.sh'));
});

describe('azd down', () => {
  const script = join(infra, 'refuseDown.sh');

  test('is refused, until someone has seen that it leaves the hubs alone; the way that surely does is named', () => {
    const { status, stderr } = spawnSync('sh', [script], { encoding: 'utf8', env: { ...azd, PATH: process.env.PATH } });
    expect(status).toBe(1);
    expect(stderr).toContain(`az group delete --subscription "${azd.AZURE_SUBSCRIPTION_ID}" --name "rg-keeper"`);
    expect(stderr).toContain('infra/README.md#take-it-away');
    expect(readFileSync(join(infra, 'README.md'), 'utf8')).toContain('\n## Take it away\n');
  });

  test('is refused in the same words on Windows, where the script is not run here', () => {
    const said = (name: string) =>
      (/^azd down is refused[\s\S]*take-it-away$/m.exec(readFileSync(join(infra, name), 'utf8'))?.[0] ?? '')
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
    expect(Object.keys(hooks)).toEqual(['prepackage', 'predeploy', 'postprovision', 'postdeploy', 'predown']);
    for (const { posix, windows } of Object.values(hooks)) {
      expect([posix.shell, windows.shell]).toEqual(['sh', 'pwsh']);
      for (const { run } of [posix, windows]) {
        const [, script] = /npm run (\w+)$/.exec(run) ?? [];
        if (script === undefined) expect(existsSync(join(root, run))).toBe(true);
        else expect(scripts).toHaveProperty([script]);
      }
    }
    for (const { posix } of [hooks.postprovision, hooks.postdeploy, hooks.predown].flatMap((hook) => hook ?? [])) {
      expect(statSync(join(root, posix.run)).mode & 0o111).not.toBe(0);
    }
    expect([hooks.postprovision?.posix.run, hooks.postdeploy?.posix.run]).toEqual([
      'infra/grant.sh',
      'infra/subscribe.sh',
    ]);
    expect(existsSync(join(root, templates.path, 'main.bicep'))).toBe(true);
  });

  test('takes the code as it was staged, and builds nothing in Azure', () => {
    expect(services.keeper).toEqual({ project: './dist-azd', language: 'js', host: 'function', remoteBuild: false });
    expect(readFileSync(join(root, 'scripts/stage.ts'), 'utf8')).toContain("'dist-azd'");
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('dist-azd/');
  });
});
