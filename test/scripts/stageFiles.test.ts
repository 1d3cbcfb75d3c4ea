import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { stageFiles } from '../../scripts/stageFiles.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keeper-stage-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('what azd deploys is the bundle, host.json, and a package.json that asks for nothing', async () => {
  const [from, to] = [join(folder, 'project'), join(folder, 'staged')];
  await mkdir(join(from, 'dist'), { recursive: true });
  await mkdir(to);
  const ours = JSON.parse(await readFile(join(__dirname, '../../package.json'), 'utf8'));
  const files = {
    'package.json': JSON.stringify(ours),
    'host.json': '{"version":"2.0"}',
    'dist/index.js': 'bundle',
    'dist/package.json': '{"type":"commonjs"}',
    'local.settings.json': 'secret',
    '.env': 'secret',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(from, name), text);
  await writeFile(join(to, 'left-from-before.pem'), 'secret');

  await stageFiles(from, to);

  const staged = (await readdir(to, { recursive: true })).sort();
  expect(staged).toEqual(['dist', 'dist/index.js', 'dist/package.json', 'host.json', 'package.json']);
  expect(await readFile(join(to, 'dist/index.js'), 'utf8')).toBe('bundle');
  const { name, version, main, ...rest } = JSON.parse(await readFile(join(to, 'package.json'), 'utf8'));
  expect({ name, version, main }).toEqual({ name: ours.name, version: ours.version, main: 'dist/index.js' });
  expect(rest).toEqual({ private: true });
});
