import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder cannot be used: another Azurite uses it, or it cannot be made or written. The message says what to change. */
export class UnusableFolderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnusableFolderError';
  }
}

const prefix = 'inUseBy-';

/**
 * Makes the folder if it does not exist, and an empty lock file in it, named after the process. Resolves with a function that
 * removes the lock file. Rejects with `UnusableFolderError` while another process has one, since two processes would overwrite
 * each other's data, and if the folder cannot be made or written. Removes the lock files of processes that have ended.
 *
 * Each process first makes its own file and then looks for others, so of two starts at once at least one sees the other. Both
 * may be refused; both can never go on.
 */
export async function lockFolder(folder: string, processId = process.pid): Promise<() => Promise<void>> {
  const own = `${prefix}${processId}`;
  const unlock = () => rm(join(folder, own), { force: true });
  await orUnusable(folder, mkdir(folder, { recursive: true }));
  await orUnusable(folder, writeFile(join(folder, own), ''));
  for (const name of await orUnusable(folder, readdir(folder))) {
    if (!name.startsWith(prefix) || name === own) continue;
    const lockFile = join(folder, name);
    const holder = Number(name.slice(prefix.length));
    if (!runs(holder)) {
      await orUnusable(folder, rm(lockFile, { force: true }));
      continue;
    }
    await unlock();
    throw new UnusableFolderError(
      `The folder ${folder} is in use by process ${holder}. End that one, or name another folder; if it is another program's, remove ${lockFile}.`,
    );
  }
  return unlock;
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

function runs(processId: number): boolean {
  if (!(processId > 0)) return false;
  try {
    process.kill(processId, 0); // sends nothing
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // EPERM: the process of another user
  }
}
