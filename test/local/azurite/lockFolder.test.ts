import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lockFolder, UnusableFolderError } from '../../../local/azurite/lockFolder.ts';

const endedProcess = 999_999_999;
const running = [process.pid, process.ppid, 1];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the lock of a folder', () => {
  test.each([
    ['', undefined],
    [' beside the lock of an ended process', `inUseBy-${endedProcess}`],
  ])('is held by one at most of several starts at once%s', async (_where, stale) => {
    for (let round = 0; round < 50; round++) {
      if (stale) await writeFile(join(folder, stale), '');
      const starts = await Promise.allSettled(running.map((processId) => lockFolder(folder, processId)));
      const won = starts.filter((start) => start.status === 'fulfilled');
      expect(won.length).toBeLessThanOrEqual(1);
      for (const start of starts) {
        if (start.status === 'rejected') expect(start.reason).toBeInstanceOf(UnusableFolderError);
      }
      for (const { value: unlock } of won) await unlock();
      expect((await readdir(folder)).filter((name) => name !== stale)).toEqual([]);
    }
    await (await lockFolder(folder, process.pid))();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is held until it is given back', async () => {
    const unlock = await lockFolder(folder, process.pid);
    await expect(lockFolder(folder, process.ppid)).rejects.toThrow(`in use by process ${process.pid}.`);
    await unlock();
    await (await lockFolder(folder, process.ppid))();
  });
});
