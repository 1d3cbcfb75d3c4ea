import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

// Circles of files are the linter's matter (`noImportCycles` in biome.json).

/** What is never deployed stands in no row of the page. */
const development: [room: string, mayImport: string][] = [
  ['scripts/', 'all'],
  ['cli/', '`api`, `config`, `hub`, `policy`, `policyStore`, `reconcile`, `status`, `sweep`'],
  ['local/', '`api`, `config`, `hub`, `policy`, `policyStore`, `storage`, `sweep`, `telemetry`, `scripts/`'],
  ['bench/', 'all, `scripts/`, `local/`, `test/`'],
];

/** Each room with what it may import, as the table "Rooms" of docs/architecture.md says. */
function allowedImports(page: string): Map<string, string[]> {
  const [, section = ''] = page.split(/^## Rooms$/m);
  const [chapter = ''] = section.split(/^## /m);
  const rows = [...chapter.matchAll(/^\| `([\w/]+)` \|.*\| ([^|]+) \|$/gm)].map(([, room = '', cell = '']) => [
    room,
    cell,
  ]);
  const shared = rows.flatMap(([room = '']) => (room.endsWith('/') ? [] : [room]));
  return new Map(
    [...development, ...rows].map(([room = '', cell = '']) => {
      const named = [...cell.matchAll(/`([\w/]+)`/g)].map(([, name = '']) => name);
      return [room, /\ball\b/.test(cell) ? [...shared, ...named] : named];
    }),
  );
}

/** `policy` of `shared/policy/…`, `app` of `shared/app.ts`, `shared` of the other files there, `local/` of `local/…`. */
function roomOf(path: string): string {
  const [top = '', room = '', ...below] = path.split('/');
  if (top !== 'shared') return `${top}/`;
  return below.length > 0 ? room : room === 'app.ts' ? 'app' : 'shared';
}

/** The project's files that this one imports: for their types alone, too, and those that an `import()` loads later. */
function importsOf(path: string): string[] {
  const found = readFileSync(path, 'utf8').matchAll(/\b(?:from|import|require)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(([, target = '']) => join(path, '..', target));
}

const allowed = allowedImports(readFileSync('docs/architecture.md', 'utf8'));
const files = ['functions', 'shared', 'cli', 'scripts', 'local', 'bench']
  .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)))
  .filter((path) => /\.c?ts$/.test(path));

test('the table of rooms names every room once', () => {
  expect([...allowed.keys(), 'shared'].sort()).toEqual([...new Set(files.map(roomOf))].sort());
});

test.each([...new Set(files.map(roomOf))].sort())('%s imports what the table of rooms allows', (room) => {
  const ofRoom = files.filter((path) => roomOf(path) === room);
  const targets = new Set([room, 'shared', ...(allowed.get(room) ?? [])]);
  const wrong = ofRoom.flatMap((path) =>
    importsOf(path).flatMap((target) => (targets.has(roomOf(target)) ? [] : [`${path} imports ${target}`])),
  );
  expect(wrong).toEqual([]);
});
