import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Lays out in folder `to` what is deployed, taken from the project folder `from` with its bundle in `dist/`; what was there
 * before goes. The package.json names no packages and no scripts: whoever installs or builds there finds nothing to do.
 */
export async function stageFiles(from: string, to: string): Promise<void> {
  const { name, version, main } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  await rm(to, { recursive: true, force: true });
  await mkdir(to);
  await cp(join(from, 'dist'), join(to, 'dist'), { recursive: true });
  await cp(join(from, 'host.json'), join(to, 'host.json'));
  const plain = { name, version, private: true, main };
  await writeFile(join(to, 'package.json'), `${JSON.stringify(plain, null, 2)}\n`);
}
