import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { infra } from './bicepFile.ts';

/** What azd hands to its hooks: its own words, and the outputs of main.bicep. */
export const azd: Record<string, string> = {
  AZURE_ENV_NAME: 'keeper one',
  AZURE_SUBSCRIPTION_ID: '99999999-8888-7777-6666-555555555555',
  AZURE_LOCATION: 'westeurope',
  KEEPER_PRINCIPAL_ID: '22222222-3333-4444-5555-666666666666',
  KEEPER_RESOURCE_GROUP: 'rg-keeper',
  KEEPER_FUNCTION_APP: 'keeper-abc',
  KEEPER_STORAGE_ACCOUNT: 'keeperabc',
  KEEPER_ACTION_GROUP: 'keeper-abc',
};

export interface HookRun {
  /** The arguments of each call of `az`. */
  calls: string[][];
  /** Seconds that were waited between them. */
  waits: string[];
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a hook of `infra/` with an `az` that fails so many times first, and whenever it is not called beside `template`. */
export function runHook(script: string, template: string, failures: number, env = azd): HookRun {
  const bin = mkdtempSync(join(tmpdir(), 'keeper-bin-'));
  const put = (name: string, lines: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${lines}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  const [calls, waits] = [join(bin, 'calls'), join(bin, 'waits')];
  const lines = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []);
  try {
    put(
      'az',
      `for each in "$@"; do echo "$each" >>${calls}; done; echo === >>${calls}
      test -f ${template} && test "$(grep -c ^===$ ${calls})" -gt ${failures}`,
    );
    put('sleep', `echo "$1" >>${waits}`);
    const { status, stdout, stderr } = spawnSync('sh', [join(infra, script)], {
      encoding: 'utf8',
      env: { ...env, PATH: `${bin}:${process.env.PATH}` },
    });
    const called = lines(calls)
      .join('\n')
      .split('\n===')
      .filter((call) => call.trim() !== '');
    return { calls: called.map((call) => call.trim().split('\n')), waits: lines(waits), status, stdout, stderr };
  } finally {
    rmSync(bin, { recursive: true });
  }
}

/** The template parameters of a call; throws where it is no deployment of that template by that name, as azd would have it. */
export function parametersOf(call: readonly string[] = [], name: string, template: string): Record<string, string> {
  const [values, pairs] = [call.indexOf('--parameters'), call.slice(call.indexOf('--parameters') + 1)];
  const expected = [
    ...['deployment', 'sub', 'create', '--name', name],
    ...['--subscription', azd.AZURE_SUBSCRIPTION_ID, '--location', azd.AZURE_LOCATION],
    ...['--template-file', template, '--output', 'none'],
  ];
  const said = call.slice(0, values).join('|');
  if (said !== expected.join('|') || !existsSync(join(infra, template))) throw new Error(`az was asked for ${said}`);
  return Object.fromEntries(pairs.map((pair) => pair.split('=') as [string, string]));
}

/** What a hook of either kind says to `az`, how long it waits between its tries, and what it says in the end. */
export function spokenBy(script: string): { call: string; waits: string; done: string; failed: string } {
  const text = readFileSync(join(infra, script), 'utf8').replaceAll('$env:', '$');
  const found = (pattern: RegExp) => {
    const match = pattern.exec(text)?.[1];
    if (match === undefined) throw new Error(`${script} has nothing like ${pattern}`);
    return match;
  };
  return {
    call: found(/(az deployment sub create[\s\S]*?--parameters(?: [\\`]\n\s*"\w+=\$\w+")+)/)
      .replace(/[\\`]\n\s*/g, ' ')
      .replace(/ +/g, ' '),
    waits: found(/seconds in ([\d, ]+)/)
      .replaceAll(',', '')
      .trim(),
    done: found(/(?:echo|Write-Output) "((?:The keeper|The hubs) .*)"/),
    failed: found(/["'](The keeper .*azd hooks run .*)["']/),
  };
}
