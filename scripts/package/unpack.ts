import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';

/** Writes the files of the zip into `folder`; returns their paths. */
export async function unpack(zip: Uint8Array, folder: string): Promise<string[]> {
  const files = Object.entries(unzipSync(zip));
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return files.map(([path]) => path);
}
