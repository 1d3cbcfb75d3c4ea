import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { bundleTo } from '../bundle.ts';
import { type BundledPackage, bundledPackages } from './bundledPackages.ts';
import { noticesOf } from './notices.ts';
import { sbomOf } from './sbom.ts';
import { sourceTime } from './sourceTime.ts';
import { zipOf } from './zip.ts';

/** The deployment package. */
export interface Package {
  zip: Uint8Array;
  /** Its files, by path. */
  files: ReadonlyMap<string, Uint8Array>;
  packages: BundledPackage[];
}

/**
 * Builds the deployment package from the sources: the app, the licences, and the bill of materials. The same sources
 * and lockfile give the same bytes. Leaves no files behind. Rejects with `NoLicenceError` or `UnexpectedPackageError`.
 */
export async function makePackage(): Promise<Package> {
  const folder = await mkdtemp(join(tmpdir(), 'module-keeper-package-'));
  try {
    const { sources } = await bundleTo(join(folder, 'dist'));
    const packages = await bundledPackages(sources);
    const project = JSON.parse(await readFile('package.json', 'utf8'));
    const lock = JSON.parse(await readFile('package-lock.json', 'utf8'));
    const madeAt = await sourceTime(process.env);
    const files = new Map<string, Uint8Array>([
      ['host.json', await readFile('host.json')],
      ['LICENSE', await readFile('LICENSE')],
      ['package.json', json(deployedPackageJson(project))],
      ['sbom.cdx.json', Buffer.from(await sbomOf({ bundled: packages, locked: lock.packages, madeAt }))],
      ['THIRD-PARTY-NOTICES.txt', Buffer.from(await noticesOf(packages))],
      ...(await filesBelow(folder)),
    ]);
    return { zip: zipOf(files), files, packages };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Without dependencies and scripts. The host reads `main`, the worker reads `type` to choose how to load it. */
function deployedPackageJson({ name, version, description, license, type, main, engines }: Record<string, unknown>) {
  return { name, version, description, license, private: true, type, main, engines };
}

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);

async function filesBelow(folder: string): Promise<[string, Uint8Array][]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(folder.length + 1).replaceAll(sep, '/'), await readFile(path)] as [string, Uint8Array];
      }),
  );
}
