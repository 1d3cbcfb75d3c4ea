import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const root = join(__dirname, '../..');
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'infra/README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join('docs', file)),
];
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

/** What is named by an `id`, and the anchor that GitHub makes of a heading: lower case, no punctuation, dashes for spaces. */
function anchorsOf(page: string): string[] {
  const named = [...read(page).matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, id = '']) => id);
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return [...named, ...headings];
}

const linksOf = (page: string) =>
  [...read(page).matchAll(/\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)$/gm)]
    .map(([, inline, reference]) => inline ?? reference ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));

/** What stands in backquotes or on a command line and looks like a file of ours. */
const filesNamedIn = (page: string) =>
  [...read(page).matchAll(/(?<![\w/.-])((?:functions|shared|local|test|docs|bench|scripts|infra)\/[\w./-]*\w)/g)].map(
    ([, file = '']) => file,
  );

describe.each(pages)('%s', (page) => {
  test('links only to files and headings that are there', () => {
    const broken = linksOf(page).filter((link) => {
      const [target = '', anchor] = link.split('#');
      const file = target === '' ? page : join(dirname(page), decodeURIComponent(target));
      return !existsSync(join(root, file)) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('names only files that are there', () => {
    const missing = filesNamedIn(page).filter(
      (file) => !existsSync(join(root, file)) && !existsSync(join(root, `${file}.ts`)),
    );
    expect(missing).toEqual([]);
  });

  test('names only commands that package.json has', () => {
    const run = [...read(page).matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)];
    const short = [...read(page).matchAll(/\bnpm (start|test|stop|restart)\b/g)];
    const named = [...run, ...short].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  test('names no path of the machine that it was written on', () => {
    expect(read(page)).not.toMatch(/(?<![\w.])\/(?:work|home|root|Users)\//);
  });
});

test('these tests read the pages in docs/ too, and find the links and files that they name', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/settings.md', 'docs/architecture.md']));
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(10);
  expect(pages.flatMap(filesNamedIn).length).toBeGreaterThan(50);
});
