import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The version that the committed files of `test/infra/evaluated` were made with: others write them slightly differently. */
export const bicepVersion = '0.49.2';

/** NuGet's own hash of the package `Azure.Bicep.CommandLine.linux-x64` of that version. */
const packageHash = 'z5p/I6NTOJvoQaJj0Rk3bTglGxIAVK920PiwYjrGuAl3V4wyr7yPjd3BYjRtVPBcdcrW1BtS33tSlWzB76MtNw==';
const packageName = 'Azure.Bicep.CommandLine.linux-x64';

export interface Bicep {
  /** The program: a path, or a name that is found on PATH. */
  program: string;
  version: string;
  /** Where it was found, for people. */
  from: string;
}

/** What the search needs of the machine. */
export interface BicepSearch {
  env: Readonly<Record<string, string | undefined>>;
  /** Where `az bicep install` puts the CLI. It is called directly, since `az bicep` does not have all commands that are used here. */
  ofAz: string;
  /** Standard output of a command; undefined if there is no such program or it fails. */
  run(command: readonly [string, ...string[]]): string | undefined;
  /** Restores the package with NuGet; the path of the program, or undefined where that is not possible. Throws for a wrong hash. */
  restore(): string | undefined;
}

/**
 * Finds the Bicep CLI: the program that `BICEP_CLI` names, else one of `bicepVersion` on PATH, in `az bicep` or from NuGet,
 * else one of another version on PATH or in `az bicep`. Undefined if there is none. Throws if `BICEP_CLI` names no Bicep CLI.
 */
export function findBicep({ env, ofAz, run, restore }: BicepSearch): Bicep | undefined {
  const at = (program: string, from: string): Bicep | undefined => {
    const version = /\d+\.\d+\.\d+/.exec(run([program, '--version']) ?? '')?.[0];
    return version === undefined ? undefined : { program, version, from };
  };
  const named = env.BICEP_CLI;
  if (named !== undefined && named !== '') {
    const found = at(named, 'BICEP_CLI');
    if (found === undefined) throw new Error('BICEP_CLI does not name a Bicep CLI: `--version` gave no version.');
    return found;
  }
  const onPath = at('bicep', 'PATH');
  if (onPath?.version === bicepVersion) return onPath;
  const inAz = at(ofAz, 'az bicep');
  if (inAz?.version === bicepVersion) return inAz;
  const restored = restore();
  return (restored === undefined ? undefined : at(restored, 'NuGet')) ?? onPath ?? inAz;
}

/** The search on this machine; packages are restored into `folder`. */
export function thisMachine(folder: string): BicepSearch {
  const run: BicepSearch['run'] = ([program, ...args]) => {
    try {
      return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch {
      return undefined; // not installed, or another program of this name: the search continues
    }
  };
  const { env } = process;
  // The folder that the Azure CLI keeps its things in ("Azure CLI configuration").
  const ofAz = join(
    env.AZURE_CONFIG_DIR ?? join(homedir(), '.azure'),
    'bin',
    process.platform === 'win32' ? 'bicep.exe' : 'bicep',
  );
  return { env, ofAz, run, restore: () => restoreFromNuGet(folder, run) };
}

function restoreFromNuGet(folder: string, run: BicepSearch['run']): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64' || run(['dotnet', '--version']) === undefined) {
    return undefined;
  }
  const installed = join(folder, packageName.toLowerCase(), bicepVersion);
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true });
    const project = join(folder, 'restore.csproj');
    writeFileSync(project, projectText);
    if (run(['dotnet', 'restore', project, '--packages', folder]) === undefined) return undefined;
  }
  const { contentHash } = JSON.parse(readFileSync(join(installed, '.nupkg.metadata'), 'utf8')) as {
    contentHash: string;
  };
  if (contentHash !== packageHash) throw new Error(`${packageName} ${bicepVersion} has another hash: ${contentHash}`);
  return join(installed, 'tools', 'bicep');
}

// Without a framework of its own, so that only this one package is downloaded.
const projectText = `<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>netstandard2.0</TargetFramework>
    <DisableImplicitFrameworkReferences>true</DisableImplicitFrameworkReferences>
  </PropertyGroup>
  <ItemGroup>
    <PackageDownload Include="${packageName}" Version="[${bicepVersion}]" />
  </ItemGroup>
</Project>
`;
