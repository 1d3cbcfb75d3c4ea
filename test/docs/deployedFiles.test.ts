import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(__dirname, '../..');

/**
 * Which files Core Tools upload, by the rules of their own parser (GitIgnoreParser in Azure/azure-functions-core-tools):
 * a pattern is compared with the beginning of a path, and a `!` pattern always wins, wherever it stands.
 */
function uploads(funcignore: string): (path: string) => boolean {
  const lines = funcignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const starts = (patterns: string[]) => patterns.map((pattern) => new RegExp(`^${asPattern(pattern)}`));
  const kept = starts(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)));
  const left = starts(lines.filter((line) => !line.startsWith('!')));
  return (path) => kept.some((pattern) => pattern.test(path)) || !left.some((pattern) => pattern.test(path));
}

function asPattern(pattern: string): string {
  return pattern
    .replace(/^\//, '')
    .split('**')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]+'))
    .join('.+');
}

test('only the bundle, host.json and package.json are uploaded', () => {
  const isUploaded = uploads(readFileSync(join(root, '.funcignore'), 'utf8'));
  const files = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => name !== '.git' && name !== 'node_modules' && name !== 'dist')
    .flatMap((entry) =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { recursive: true, encoding: 'utf8' }).map(
            (file) => `${entry.name}/${file.split(sep).join('/')}`,
          )
        : [entry.name],
    );
  expect(files).toContain('shared/app.ts');
  const secretOrUseless = ['local.settings.json', '.env', 'key.pem', 'node_modules/zod/package.json', '.git/config'];
  const built = ['dist/exporterThread.js', 'dist/index.js', 'dist/index.js.map', 'dist/package.json'];
  expect([...files, ...secretOrUseless, ...built].filter(isUploaded).sort()).toEqual([
    ...built,
    'host.json',
    'package.json',
  ]);
});
