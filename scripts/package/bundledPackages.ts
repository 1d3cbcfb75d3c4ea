import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package with code in the bundle. */
export interface BundledPackage {
  name: string;
  version: string;
  /** Its folder, relative to the project's: `node_modules/zod`, or deeper for a second version of a package. */
  folder: string;
}

/** The packages of these source files, sorted by name and folder; the app's own files are ignored. */
export async function bundledPackages(sources: readonly string[]): Promise<BundledPackage[]> {
  const folders = new Set(sources.map(packageFolder).filter((folder) => folder !== undefined));
  const packages = await Promise.all(
    [...folders].map(async (folder) => {
      const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      return { name, version, folder } as BundledPackage;
    }),
  );
  return packages.sort((left, right) => (sortKey(left) < sortKey(right) ? -1 : 1));
}

/**
 * The folder of a file's package: the innermost `node_modules/{name}`, `name` with its scope. Undefined without
 * package.
 */
export function packageFolder(source: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(source)?.[0];
}

const sortKey = ({ name, folder }: BundledPackage): string => `${name}\n${folder}`;
