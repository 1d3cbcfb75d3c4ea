import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder cannot be used: another Azurite uses it, or it cannot be made or written. The message says what to change. */
export class UnusableFolderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnusableFolderError';
  }
}

/**
 * Makes the folder if it does not exist, and writes a lock file with the id of this process into it. Resolves with a function that
 * removes the lock file. Rejects with `UnusableFolderError` while another process holds the lock, since two processes would
 * overwrite each other's data, and if the folder cannot be made or written. Replaces the lock file of a process that has ended.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const lockFile = join(folder, 'inUseBy');
  await orUnusable(folder, mkdir(folder, { recursive: true }));
  for (;;) {
    if (await orUnusable(folder, writeNew(lockFile))) return () => rm(lockFile, { force: true });
    const holder = Number.parseInt(await readIfThere(lockFile), 10);
    if (runs(holder)) {
      throw new UnusableFolderError(
        `The folder ${folder} is in use by process ${holder}. End that one, or name another folder; if it is another program's, remove ${lockFile}.`,
      );
    }
    await rm(lockFile, { force: true });
  }
}

/** Waits for `result`; rejects with `UnusableFolderError` in place of an error of the file system. */
async function orUnusable<Result>(folder: string, result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new UnusableFolderError(
      `The folder ${folder} cannot be made or written (${code}): name a folder that you may write.`,
    );
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

/** Writes the lock file with the id of this process. Resolves with false if the file exists. */
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
