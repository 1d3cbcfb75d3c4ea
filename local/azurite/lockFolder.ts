import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Two Azurites would overwrite each other's data. */
export class FolderInUseError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FolderInUseError';
  }
}

/**
 * Makes the folder if it is not there, and notes that this process uses it, until it calls the returned function. Rejects with
 * `FolderInUseError` while another process does; the note of one that has ended without a word is replaced.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const lockFile = join(folder, 'inUseBy');
  for (;;) {
    if (await writeNew(lockFile)) return () => rm(lockFile, { force: true });
    const holder = Number.parseInt(await readIfThere(lockFile), 10);
    if (runs(holder)) {
      throw new FolderInUseError(
        `The folder ${folder} is in use by process ${holder}. End that one, or name another folder; if it is another program's, remove ${lockFile}.`,
      );
    }
    await rm(lockFile, { force: true });
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** False if the file exists. */
async function writeNew(lockFile: string): Promise<boolean> {
  try {
    const file = await open(lockFile, 'wx');
    await file.writeFile(`${process.pid}\n`);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function runs(processId: number): boolean {
  if (!(processId > 0)) return false;
  try {
    process.kill(processId, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: the process of another user
  }
}
