import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { NoLicenceError, noticesOf } from '../../../scripts/package/notices.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-notices-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function makePackage(name: string, manifest: object, files: Record<string, string> = {}) {
  const at = join(folder, name);
  await mkdir(at);
  for (const [file, text] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    await mkdir(dirname(join(at, file)), { recursive: true });
    await writeFile(join(at, file), text);
  }
  return { name, version: '1.0.0', folder: at };
}

test('the notices contain the licence texts and notices of each package', async () => {
  const files = { 'LICENSE.md': 'You may.\r\n', NOTICE: 'Parts are of Ann.', 'readme.md': 'not this' };
  const one = await makePackage('one', { license: 'Apache-2.0' }, files);
  const two = await makePackage('two', {}, { license: 'As you like.' });
  expect(await noticesOf([one, two])).toBe(
    `This package contains the following software.\n\none 1.0.0\nLicence: Apache-2.0\n\nYou may.\n\nParts are of Ann.\n\n${'-'.repeat(80)}\n\ntwo 1.0.0\nLicence: see below\n\nAs you like.\n`,
  );
});

test('the notices contain a shared licence text once', async () => {
  const one = await makePackage('one', { license: 'MIT' }, { LICENSE: 'You may.' });
  const two = await makePackage('two', { license: 'MIT' }, { LICENSE: 'You may.\n' });
  expect(await noticesOf([one, two])).toBe(
    'This package contains the following software.\n\none 1.0.0\nLicence: MIT\ntwo 1.0.0\nLicence: MIT\n\nYou may.\n',
  );
});

test('the notices contain licence texts of subfolders', async () => {
  const one = await makePackage('one', { license: 'MIT' }, { 'licenses/parts.txt': 'Parts are free.' });
  expect(await noticesOf([one])).toContain('one 1.0.0\nLicence: MIT\n\nParts are free.\n');
});

test('the notices contain the MIT text for a package that leaves it out', async () => {
  const author = 'Ann <ann@example.com>';
  const notices = await noticesOf([await makePackage('one', { license: 'MIT', author })]);
  expect(notices).toContain('one 1.0.0\nLicence: MIT\nAuthor: Ann <ann@example.com>\n');
  expect(notices).toContain('MIT License\n\nCopyright (c) Ann <ann@example.com>\n\nPermission is hereby granted');
  expect(notices).toContain('THE SOFTWARE IS PROVIDED "AS IS"');
  expect(notices).not.toContain('Module keeper');
});

test('the notices name author and source of a package without a licence text', async () => {
  const manifest = { license: 'ISC', author: { name: 'Ann' }, repository: { url: 'git+https://example.com/x.git' } };
  expect(await noticesOf([await makePackage('one', manifest)])).toContain(
    'one 1.0.0\nLicence: ISC\nAuthor: Ann\nSource: git+https://example.com/x.git\n',
  );
});

test('a package without any licence is refused', async () => {
  const one = await makePackage('one', {});
  await expect(noticesOf([one])).rejects.toThrow(new NoLicenceError(one.folder));
});
