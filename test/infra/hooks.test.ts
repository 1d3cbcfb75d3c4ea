import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { mayPass } from '../../scripts/deploy/deployTemplate.ts';
import { grant, subscribe } from '../../scripts/deploy/phases.ts';
import { refusalOfDown } from '../../scripts/deploy/refuseDown.ts';
import { azd, deploymentIn, deploymentsFailing } from './azStandIn.ts';
import { compiled, readText, requiredParameters, root } from './evaluated.ts';

const unknownIdentity = '(PrincipalNotFound) Principal 2222 does not exist in the directory.';
const unknownFunction = '(BadRequest) Destination endpoint not found. Resource details: …/functions/deviceCreated';

describe('the hook after provisioning', () => {
  test('deploys access.bicep with each of its parameters, from the outputs of main.bicep', async () => {
    const { calls, deps } = deploymentsFailing();
    expect(await grant(azd, deps)).toBe(true);
    expect(calls.map(deploymentIn)).toEqual([
      {
        command: 'deployment sub create',
        ...{ name: 'module-keeper-access-keeper-one', subscription: azd.AZURE_SUBSCRIPTION_ID, location: 'westeurope' },
        ...{ template: 'access.bicep', parameters: { principalId: azd.KEEPER_PRINCIPAL_ID } },
      },
    ]);
    expect(requiredParameters('access')).toEqual(['principalId']);
  });

  test('tries again while the identity is not known yet', async () => {
    const { calls, waits, deps } = deploymentsFailing(unknownIdentity, unknownIdentity);
    expect(await grant(azd, deps)).toBe(true);
    expect({ tries: calls.length, waits }).toEqual({ tries: 3, waits: [30, 60] });
  });

  test('gives up only after the ten minutes that a role may take, and says how to go on', async () => {
    const { waits, said, deps } = deploymentsFailing(...Array.from({ length: 9 }, () => unknownIdentity));
    expect(await grant(azd, deps)).toBe(false);
    expect(waits.reduce((sum, seconds) => sum + seconds, 0)).toBeGreaterThan(600);
    expect(said.at(-1)).toContain('azd hooks run postprovision, and azd deploy');
  });

  test('does not try again after an error that no later try changes', async () => {
    const { calls, waits, said, deps } = deploymentsFailing(
      '(AuthorizationFailed) The client does not have authorization',
    );
    expect(await grant(azd, deps)).toBe(false);
    expect({ tries: calls.length, waits }).toEqual({ tries: 1, waits: [] });
    expect(said[0]).toContain('AuthorizationFailed');
  });

  test('deploys nothing without an output of main.bicep, and names it', async () => {
    const { calls, deps } = deploymentsFailing();
    await expect(grant({ ...azd, KEEPER_PRINCIPAL_ID: undefined }, deps)).rejects.toThrow('KEEPER_PRINCIPAL_ID');
    expect(calls).toEqual([]);
  });
});

describe('the hook after the deployment of the code', () => {
  test('deploys the events and then their alerts, each with all its parameters', async () => {
    const { calls, deps } = deploymentsFailing(unknownFunction);
    expect(await subscribe(azd, deps)).toBe(true);
    const [first, again, alerts] = calls.map(deploymentIn);
    expect(first).toEqual(again);
    expect([again?.template, alerts?.template]).toEqual(['events.bicep', 'deadLetters.bicep']);
    expect(again?.parameters).toEqual({
      keeperResourceGroup: 'rg-keeper',
      functionAppName: 'keeper-abc',
      storageName: 'keeperabc',
    });
    expect(Object.keys(again?.parameters ?? {}).sort()).toEqual(requiredParameters('events').sort());
    expect(Object.keys(alerts?.parameters ?? {}).sort()).toEqual(requiredParameters('deadLetters').sort());
    const outputs = Object.keys(compiled('main').outputs);
    expect(Object.keys(azd).filter((name) => name.startsWith('KEEPER_') && !outputs.includes(name))).toEqual([]);
  });

  test('keeps the events if only their alerts are refused, and says so', async () => {
    const { said, deps } = deploymentsFailing();
    const { az } = deps;
    const refusing: typeof az = async (args) =>
      args.includes('deadLetters.bicep') ? { status: 1, stdout: '', stderr: '(InvalidTemplate) no' } : az(args);
    expect(await subscribe(azd, { ...deps, az: refusing })).toBe(false);
    expect(said[0]).toBe('The hubs of hubs.json now send their events to keeper-abc.');
    expect(said.at(-1)).toContain('The keeper gets its events, but');
  });

  test('deploys no alerts if the deployment of the events is refused', async () => {
    const { calls, said, deps } = deploymentsFailing('(ScopeLocked) locked');
    expect(await subscribe(azd, deps)).toBe(false);
    expect(calls).toHaveLength(1);
    expect(said.at(-1)).toContain('azd hooks run postdeploy');
  });
});

test.each([
  ['(RequestDisallowedByPolicy) Resource was disallowed by policy', false],
  ['(MissingSubscriptionRegistration) not registered to use namespace', false],
  ["(ResourceNotFound) The Resource 'Microsoft.Devices/IotHubs/x' was not found", false],
  ['Only one system topic is allowed per source.', false],
  ['events.bicep(3,1) : Error BCP018: Expected', false],
  ["Please run 'az login' to setup account.", false],
  ['(TooManyRequests) slow down', true],
  ['(InternalServerError) try later', true],
  ['Connection reset by peer', true],
])('the error "%s" is worth another try: %s', (text, expected) => {
  expect(mayPass(text)).toBe(expected);
});

describe('azd down', () => {
  test('is refused, and the refusal names the command that deletes only the resource group of the keeper', () => {
    const said = refusalOfDown(azd);
    expect(said).toContain(`az group delete --subscription "${azd.AZURE_SUBSCRIPTION_ID}" --name "rg-keeper"`);
    expect(said).toContain('infra/README.md#take-it-away');
    expect(readText('infra/README.md')).toContain('\n## Take it away\n');
  });
});

describe('azure.yaml', () => {
  const { services, hooks, infra } = parse(readText('azure.yaml')) as {
    services: Record<string, Record<string, unknown>>;
    hooks: Record<string, Record<'posix' | 'windows', { shell: string; run: string }>>;
    infra: { path: string };
  };
  const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };

  test('runs scripts that package.json has, the same on Windows as elsewhere', () => {
    expect(Object.keys(hooks)).toEqual([
      ...['prepackage', 'predeploy', 'preprovision', 'postprovision', 'postdeploy', 'predown'],
    ]);
    for (const { posix, windows } of Object.values(hooks)) {
      expect([posix.shell, windows.shell]).toEqual(['sh', 'pwsh']);
      expect(windows.run).toBe(posix.run);
      const [, script = ''] = /npm run (?:-s )?([\w-]+)/.exec(posix.run) ?? [];
      expect(scripts).toHaveProperty([script]);
    }
    expect(existsSync(join(root, infra.path, 'main.bicep'))).toBe(true);
  });

  test('takes the code as it was staged, and builds nothing in Azure', () => {
    expect(services.keeper).toEqual({ project: './dist-azd', language: 'js', host: 'function', remoteBuild: false });
    expect(readText('scripts/stage.ts')).toContain("'dist-azd'");
    expect(readText('.gitignore').split('\n')).toContain('dist-azd/');
  });

  /** Runs the command of a hook as azd does, beside an `az` that fails in `failing` calls. */
  function run(hook: string, az: string) {
    const bin = mkdtempSync(join(tmpdir(), 'keeper-bin-'));
    try {
      writeFileSync(join(bin, 'az'), `#!/bin/sh\necho "$@" >>${bin}/calls\n${az}\n`);
      chmodSync(join(bin, 'az'), 0o755);
      const { status, stdout, stderr } = spawnSync('sh', ['-c', hooks[hook]?.posix.run ?? ''], {
        encoding: 'utf8',
        cwd: root,
        env: { ...process.env, ...azd, PATH: `${bin}:${process.env.PATH}` },
      });
      const calls = existsSync(join(bin, 'calls')) ? readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n') : [];
      return { status, stdout, stderr, calls };
    } finally {
      rmSync(bin, { recursive: true });
    }
  }

  test('stops azd if a hook fails, and only then', () => {
    const good = run('postprovision', 'test -f access.bicep');
    expect(good).toMatchObject({ status: 0, stdout: 'The keeper has its roles on the hubs of hubs.json.\n' });
    expect(good.calls).toHaveLength(1);
    const bad = run('postprovision', 'echo "(ScopeLocked) no" >&2; exit 1');
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain('(ScopeLocked) no');
    expect(run('predown', 'exit 0')).toMatchObject({ status: 1, calls: [] });
  });

  test('stops azd while infra/hubs.json is still the sample', () => {
    const { status, stderr } = run('preprovision', `echo '{"id":"1"}'`);
    expect(status).toBe(1);
    expect(stderr).toContain('infra/hubs.json is still the sample');
  });
});
