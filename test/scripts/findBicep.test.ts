import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type BicepSearch, bicepVersion, findBicep } from '../../scripts/bicep/findBicep.ts';

/** A machine on which these programs say these versions; `restored` is what NuGet gives. */
function machine(versions: Record<string, string>, restored?: string, env: Record<string, string> = {}): BicepSearch {
  const says = (version: string | undefined) => version && `Bicep CLI version ${version} (abc)\n`;
  return {
    env,
    ofAz: 'az bicep',
    run: ([program]) => says(versions[program]),
    restore: () => restored,
  };
}

describe('the search for the Bicep CLI', () => {
  test('finds first the program that BICEP_CLI names, and refuses a path without a program there', () => {
    const versions = { '/opt/bicep': '0.40.0', bicep: bicepVersion };
    expect(findBicep(machine(versions, undefined, { BICEP_CLI: '/opt/bicep' }))).toEqual({
      program: '/opt/bicep',
      version: '0.40.0',
      from: 'BICEP_CLI',
    });
    expect(() => findBicep(machine(versions, undefined, { BICEP_CLI: '/opt/none' }))).toThrow('BICEP_CLI');
  });

  test.each([
    [{ bicep: bicepVersion, 'az bicep': bicepVersion }, undefined, 'PATH'],
    [{ 'az bicep': bicepVersion }, undefined, 'az bicep'],
    [{ bicep: '0.30.1', '/nuget/bicep': bicepVersion }, '/nuget/bicep', 'NuGet'],
    [{ bicep: '0.30.1', 'az bicep': bicepVersion }, '/nuget/bicep', 'az bicep'],
    [{ bicep: '0.30.1' }, undefined, 'PATH'],
    [{ 'az bicep': '0.30.1' }, undefined, 'az bicep'],
  ])('finds among %j, and %s of NuGet, the program of %s', (versions, restored, expected) => {
    expect(findBicep(machine(versions, restored))?.from).toBe(expected);
  });

  test('finds nothing on a machine without Bicep', () => {
    expect(findBicep(machine({}))).toBeUndefined();
  });
});

describe('npm run check:bicep on a machine with npm alone', () => {
  const script = join(__dirname, '../../scripts/checkBicep.ts');

  /** Runs the script where no program is found. */
  function run(...args: string[]) {
    const empty = mkdtempSync(join(tmpdir(), 'keeper-path-'));
    try {
      const { status, stderr } = spawnSync(process.execPath, [script, ...args], {
        encoding: 'utf8',
        env: { PATH: empty },
      });
      return { status, stderr };
    } finally {
      rmSync(empty, { recursive: true });
    }
  }

  test('says loudly that nothing was checked, and fails only where the check is required', () => {
    const { status, stderr } = run();
    expect(status).toBe(0);
    expect(stderr).toContain('infra/ WAS NOT CHECKED');
    expect(run('--required').status).toBe(1);
  });
});
