import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { BundledPackage } from './bundledPackages.ts';

/** A bundled package has neither a licence text nor the name of a licence. */
export class NoLicenceError extends Error {
  constructor(folder: string) {
    super(`${folder} names no licence; without one it must not be distributed.`);
    this.name = 'NoLicenceError';
  }
}

/**
 * The licence texts of all bundled packages, as their licences require; equal texts once. Rejects with
 * `NoLicenceError`.
 */
export async function noticesOf(bundled: readonly BundledPackage[]): Promise<string> {
  const notices = await Promise.all(bundled.map(noticeOf));
  const byText = Map.groupBy(notices, ({ text }) => text);
  const parts = [...byText].map(([text, alike]) => `${alike.map(({ head }) => head).join('\n')}\n\n${text}`.trimEnd());
  return `This package contains the following software.\n\n${parts.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

async function noticeOf({ name, version, folder }: BundledPackage): Promise<{ head: string; text: string }> {
  const { license, author, repository } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const texts = await textsIn(folder);
  if (license === undefined && texts.length === 0) throw new NoLicenceError(folder);
  const head = [`${name} ${version}`, `Licence: ${license ?? 'see below'}`];
  if (texts.length > 0) return { head: head.join('\n'), text: texts.map(plain).join('\n\n') };
  // Some packages have no file with their licence text, but licences such as MIT require it in every copy.
  head.push(`Author: ${personOf(author)}`, `Source: ${repository?.url ?? repository ?? ''}`);
  return { head: head.join('\n'), text: license === 'MIT' ? await mitText(personOf(author)) : '' };
}

/** The text of the MIT licence is that of this project's own, with another holder. */
async function mitText(holder: string): Promise<string> {
  const [, terms] = plain(await readFile('LICENSE', 'utf8')).split(/^Copyright .*\n/m);
  if (terms === undefined) throw new TypeError('LICENSE has no line "Copyright …".');
  return `MIT License\n\nCopyright (c) ${holder}\n${terms}`;
}

/** The texts of a package's licence files, also those in subfolders. */
async function textsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => /^(licen[cs]e|notice|copying)/i.test(path))
    .sort();
  return Promise.all(paths.map((path) => readFile(join(folder, path), 'utf8')));
}

const personOf = (author: { name?: string } | string | undefined): string =>
  (typeof author === 'string' ? author : author?.name) ?? 'its contributors';

const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim();
