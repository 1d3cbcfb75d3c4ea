import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { check } from '../../../cli/commands/check.ts';

describe('keeper check', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'module keeper check-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('names the whole path of a file that it cannot read, and says why', async () => {
    const missing = join(folder, 'no-such.json');
    await expect(check(missing, undefined)).rejects.toThrow(`There is no such file: ${missing}`);
    await expect(check(folder, undefined)).rejects.toThrow(`This is a folder, not a file: ${folder}`);
  });

  test.each([
    ['[{"moduleId":"a",}]', 'The file is not JSON (line 1, column 18); write valid JSON'],
    ['# a page', 'The file is not JSON'],
    ['[]', 'The content does not tell what the file is'],
  ])('of a file that holds %s says: %s', async (text, message) => {
    const path = join(folder, 'a file.json');
    await writeFile(path, text);
    await expect(check(path, undefined)).rejects.toThrow(message);
  });
});
