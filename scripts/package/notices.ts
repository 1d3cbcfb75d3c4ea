import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BundledPackage } from './bundledPackages.ts';

/** A bundled package comes with neither a licence text nor the name of one. */
export class NoLicenceError extends Error {
  constructor(folder: string) {
    super(`${folder} names no licence; without one it must not be passed on.`);
    this.name = 'NoLicenceError';
  }
}

/** The licence texts of everything in the bundle, as their licences ask for. Throws `NoLicenceError`. */
export async function noticesOf(bundled: readonly BundledPackage[]): Promise<string> {
  const parts = await Promise.all(bundled.map(noticeOf));
  return `This package contains the following software.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

async function noticeOf({ name, version, folder }: BundledPackage): Promise<string> {
  const { license, author, repository } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  if (license === undefined && texts.length === 0) throw new NoLicenceError(folder);
  const head = [`${name} ${version}`, `Licence: ${license ?? 'see below'}`];
  // Nothing but the name of the licence is there: say at least whose it is, and where it is from.
  if (texts.length === 0) head.push(`Author: ${personOf(author)}`, `Source: ${repository?.url ?? repository ?? ''}`);
  return `${[...head, '', ...texts.map(plain)].join('\n').trimEnd()}\n`;
}

const personOf = (author: { name?: string } | string | undefined): string =>
  (typeof author === 'string' ? author : author?.name) ?? 'its contributors';

const plain = (text: string): string => text.replaceAll('\r\n', '\n').trim();
