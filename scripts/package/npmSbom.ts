import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The parts of a CycloneDX document that are read or changed here; the rest stays as npm wrote it. */
export interface Sbom {
  serialNumber?: string;
  metadata: { timestamp?: string; tools?: unknown; component: SbomComponent };
  components: SbomComponent[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

export interface SbomComponent {
  'bom-ref': string;
  type: string;
  name: string;
  version: string;
  purl: string;
  licenses?: { license?: { id?: string; name?: string }; expression?: string }[];
}

/** More than the list of a hundred packages needs. */
const maxBytes = 64 * 1024 * 1024;

/**
 * All packages of the lockfile as CycloneDX 1.5, also development packages: with `--omit=dev` npm 11 omits packages
 * that a development package also needs, such as @azure/core-client, which the app and azurite share.
 */
export async function npmSbom(): Promise<Sbom> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  // Under `npm run`: the path of the running npm.
  const { npm_execpath: npm } = process.env;
  const [command, ...first] = npm?.endsWith('npm-cli.js') ? [process.execPath, npm] : ['npm'];
  const { stdout } = await promisify(execFile)(command ?? 'npm', [...first, ...args], { maxBuffer: maxBytes });
  return JSON.parse(stdout);
}
