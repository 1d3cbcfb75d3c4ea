import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { packageFolder } from '../../../scripts/package/bundledPackages.ts';
import { dependencyFolders, type LockedPackages } from '../../../scripts/package/lockedPackages.ts';
import { sbomOf, UnexpectedPackageError } from '../../../scripts/package/sbom.ts';

const locked: LockedPackages = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const madeAt = new Date('2026-11-29T00:00:00Z');

const bundled = (folder: string) => ({
  name: folder.replace(/^.*node_modules\//, ''),
  version: locked[folder]?.version ?? '',
  folder,
});
const [iothub, identity, msal] = ['azure-iothub', '@azure/identity', '@azure/msal-node'].map((name) =>
  bundled(`node_modules/${name}`),
) as [ReturnType<typeof bundled>, ReturnType<typeof bundled>, ReturnType<typeof bundled>];

test('the bill of materials names the app, the tool, the author and the time of the sources', async () => {
  const { metadata } = JSON.parse(await sbomOf({ bundled: [iothub], locked, madeAt }));
  expect(metadata).toMatchObject({
    timestamp: madeAt.toISOString(),
    authors: [{ name: 'Module keeper contributors' }],
    component: { type: 'application', name: 'module-keeper', licenses: [{ license: { id: 'MIT' } }] },
    tools: { components: [{ group: '@cyclonedx', name: 'cyclonedx-library' }] },
  });
});

test('the bill of materials lists the bundled packages with purl, licence and hash, and the dependencies between them', async () => {
  const sbom = JSON.parse(await sbomOf({ bundled: [msal, iothub, identity], locked, madeAt }));
  const ref = ({ name, version }: { name: string; version: string }) => `${name}@${version}`;
  expect(sbom.components.map((one: Record<string, string>) => one['bom-ref'])).toEqual(
    [identity, msal, iothub].map(ref),
  );
  const [, hash] = /^sha512-(.*)$/.exec(locked[identity.folder]?.integrity ?? '') ?? [];
  expect(sbom.components[0]).toMatchObject({
    ...{ group: '@azure', name: 'identity', purl: `pkg:npm/%40azure/identity@${identity.version}` },
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-512', content: Buffer.from(hash ?? '', 'base64').toString('hex') }],
  });
  const app = sbom.metadata.component['bom-ref'];
  const dependencies = new Map(
    sbom.dependencies.map(({ ref, dependsOn = [] }: { ref: string; dependsOn?: string[] }) => [ref, dependsOn]),
  );
  expect(dependencies.get(app)).toEqual([identity, iothub].map(ref).sort());
  expect(dependencies.get(ref(identity))).toEqual([ref(msal)]);
});

test('the bill of materials of the same sources is the same text', async () => {
  const text = await sbomOf({ bundled: [msal, iothub, identity], locked, madeAt });
  expect(await sbomOf({ bundled: [identity, msal, iothub], locked, madeAt })).toBe(text);
});

test('the bill of materials lists a package in two folders once', async () => {
  const deeper = { ...msal, folder: `${iothub.folder}/node_modules/${msal.name}` };
  const both = { ...locked, [deeper.folder]: { ...locked[msal.folder] } };
  const sbom = JSON.parse(await sbomOf({ bundled: [msal, { ...deeper, folder: msal.folder }], locked: both, madeAt }));
  expect(sbom.components).toHaveLength(1);
});

test.each([
  ['only development needs', bundled('node_modules/jest')],
  ['the lockfile has in another version', { ...iothub, version: '0.0.1' }],
  ['the lockfile does not have', { name: 'left-pad', version: '1.0.0', folder: 'node_modules/left-pad' }],
])('the bill of materials refuses a package that %s', async (_why, one) => {
  await expect(sbomOf({ bundled: [identity, one], locked, madeAt })).rejects.toEqual(
    new UnexpectedPackageError([one.folder]),
  );
});

test('dependencies are found where Node finds them', () => {
  const packages: LockedPackages = {
    '': { dependencies: { a: '1', b: '1' } },
    'node_modules/a': { dependencies: { '@x/b': '2', b: '1' }, optionalDependencies: { windows: '1' } },
    'node_modules/b': {},
    'node_modules/@x/b': {},
    'node_modules/a/node_modules/@x/b': { peerDependencies: { b: '2' } },
    'node_modules/a/node_modules/b': {},
  };
  expect(dependencyFolders(packages, '')).toEqual(['node_modules/a', 'node_modules/b']);
  expect(dependencyFolders(packages, 'node_modules/a')).toEqual([
    'node_modules/a/node_modules/@x/b',
    'node_modules/a/node_modules/b',
  ]);
  expect(dependencyFolders(packages, 'node_modules/a/node_modules/@x/b')).toEqual(['node_modules/a/node_modules/b']);
  expect(dependencyFolders(packages, 'node_modules/@x/b')).toEqual([]);
});

test.each([
  ['node_modules/zod/v4/core/util.js', 'node_modules/zod'],
  ['node_modules/@azure/identity/dist/index.js', 'node_modules/@azure/identity'],
  ['node_modules/a/node_modules/@b/c/index.js', 'node_modules/a/node_modules/@b/c'],
  ['shared/app.ts', undefined],
])('%s belongs to the package in %s', (source, folder) => {
  expect(packageFolder(source)).toBe(folder);
});
