import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadTimeMs } from './package/loadTime.ts';
import { makePackage } from './package/makePackage.ts';

const zipFile = 'out/module-keeper.zip';

/** Writes the deployment package and prints its content; the last line is one JSON object. */
async function main(): Promise<void> {
  const { zip, files, packages } = await makePackage();
  await mkdir('out', { recursive: true });
  await writeFile(zipFile, zip);
  for (const [path, { length }] of files) say(`  ${kilobytes(length).padStart(9)}  ${path}`);
  const unpackedBytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const loadMs = Math.round(await loadTimeMs(zip));
  say(`${zipFile}: ${kilobytes(zip.length)} (${kilobytes(unpackedBytes)} unpacked), ${files.size} files,`);
  say(`  ${packages.length} packages in the bundle (sbom.cdx.json), SHA-256 ${sha256}`);
  say(`  loads in ${loadMs} ms (Node ${process.versions.node}, median of five processes)`);
  const figures = { zipBytes: zip.length, unpackedBytes, files: files.size, packages: packages.length, loadMs };
  say(JSON.stringify({ zip: zipFile, sha256, ...figures }));
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en')} kB`;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
