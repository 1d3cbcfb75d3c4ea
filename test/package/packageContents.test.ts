import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { makePackage, type Package } from '../../scripts/package/makePackage.ts';
import { unpack } from '../../scripts/package/unpack.ts';

const project = JSON.parse(readFileSync('package.json', 'utf8'));
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));

let made: Package;
let folder: string;

beforeAll(async () => {
  made = await makePackage();
  folder = await mkdtemp(join(tmpdir(), 'module-keeper-contents-'));
  await unpack(made.zip, folder);
});
afterAll(() => rm(folder, { recursive: true }));

const textOf = (path: string) => readFileSync(join(folder, path), 'utf8');

test('the package contains what a function app needs, and nothing else', () => {
  const code = /^dist\/(chunks\/)?[\w-]+\.js$/;
  expect([...made.files.keys()].filter((path) => !code.test(path)).sort()).toEqual([
    'LICENSE',
    'THIRD-PARTY-NOTICES.txt',
    'dist/package.json',
    'host.json',
    'package.json',
    'sbom.cdx.json',
  ]);
  expect(textOf('host.json')).toBe(readFileSync('host.json', 'utf8'));
});

test("the package's package.json is sufficient for the host, and installs and runs nothing", () => {
  const { name, version, description, license, type, engines } = project;
  const deployed = { name, version, description, license, private: true, type, main: 'dist/index.js', engines };
  expect(JSON.parse(textOf('package.json'))).toEqual(deployed);
});

test('the package is reproducible byte for byte', async () => {
  expect(Buffer.compare(made.zip, (await makePackage()).zip)).toBe(0);
});

test('the package contains a valid bill of materials', async () => {
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);
  expect(await validator.validate(textOf('sbom.cdx.json'))).toBeNull();
  const sbom = JSON.parse(textOf('sbom.cdx.json'));
  expect(await validator.validate(JSON.stringify({ ...sbom, components: [{ type: 'library' }] }))).not.toBeNull();
});

/**
 * The packages that esbuild names above each part of what it bundles; undefined for a minified file, which has no
 * comments.
 */
function packagesIn(path: string): string[] | undefined {
  const named = textOf(path).matchAll(/^(?: {2})?(?:\/\/ |")((?:node_modules\/(?:@[^/\s]+\/)?[^/\s]+\/)+)/gm);
  const folders = [...new Set([...named].map(([, folder = '']) => folder))];
  const isMinified = !/^\/\/ \w/m.test(textOf(path));
  return isMinified
    ? undefined
    : folders.map((one) => {
        const { name, version } = JSON.parse(readFileSync(join(one, 'package.json'), 'utf8'));
        return `${name}@${version}`;
      });
}

test('the bill of materials lists exactly the packages with code in the bundle', () => {
  const code = [...made.files.keys()].filter((path) => path.startsWith('dist/') && path.endsWith('.js'));
  const found = code.map(packagesIn);
  const readable = [...new Set(found.flatMap((refs) => refs ?? []))].sort();
  const sbom = JSON.parse(textOf('sbom.cdx.json'));
  const listed = sbom.components.map((component: Record<string, string>) => component['bom-ref']);
  // What is minified can only add to them.
  if (found.includes(undefined)) expect(listed).toEqual(expect.arrayContaining(readable));
  else expect(listed).toEqual(readable);
  expect(listed).toContain(`azure-iothub@${project.dependencies['azure-iothub']}`);
  expect(sbom.metadata.component).toMatchObject({ name: 'module-keeper', version: project.version });
});

test('the package contains no development package', () => {
  const folders = made.packages.map((one) => one.folder);
  expect(folders.filter((one) => lock.packages[one]?.dev !== undefined)).toEqual([]);
  expect(folders).toContain('node_modules/azure-iothub');
});

test('telemetry is sent by the exporter of applicationinsights', () => {
  const exporter = '@azure/monitor-opentelemetry-exporter';
  const copies = Object.keys(lock.packages).filter((folder) => folder.endsWith(`/${exporter}`));
  expect(copies).toEqual([`node_modules/${exporter}`]);
  expect(lock.packages['node_modules/applicationinsights'].dependencies).toHaveProperty([exporter]);
  expect(made.packages.map(({ folder }) => folder)).toEqual(expect.arrayContaining(copies));
});

test('the package contains name and text of the licence of every bundled package', () => {
  const notices = textOf('THIRD-PARTY-NOTICES.txt');
  for (const { name, version } of made.packages) expect(notices).toContain(`\n${name} ${version}\nLicence: `);
  expect(notices).toContain('Copyright (c) Microsoft Corporation');
});

test('docs/benchmarks.md states the number of bundled packages', () => {
  const page = readFileSync('docs/benchmarks.md', 'utf8');
  const [, stated] = /\| packages in the bundle +\| ([\d,]+)/.exec(page) ?? [];
  expect(Number(stated?.replace(',', ''))).toBe(made.packages.length);
});

test('every chunk of the bundle can be loaded', async () => {
  const paths = [...made.files.keys()].filter((path) => path.startsWith('dist/chunks/'));
  const program = `for (const path of ${JSON.stringify(paths)}) await import(${JSON.stringify(`file://${folder}/`)} + path)`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(paths.length).toBeGreaterThan(3);
});

// The worker imports an app whose package.json says `"type": "module"`, and requires any other (loadScriptFile.ts of
// Azure/azure-functions-nodejs-worker); a staging step may write a package.json of its own.
test.each(['await import', "(await import('node:module')).createRequire(import.meta.url)"])(
  'the bundle can be loaded by %s',
  async (load) => {
    const entry = JSON.stringify(join(folder, 'dist/index.js'));
    const { stderr } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '--eval',
      `${load}(${entry})`,
    ]);
    // What the library says when it registers functions outside of the worker.
    expect(stderr).toContain('test mode');
  },
);

test('the package contains no path of the build machine', () => {
  const withPath = [...made.files].filter(([, content]) => Buffer.from(content).includes(process.cwd()));
  expect(withPath.map(([path]) => path)).toEqual([]);
});
