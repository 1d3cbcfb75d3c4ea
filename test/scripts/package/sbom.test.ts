import { describe, expect, test } from '@jest/globals';
import { packageFolder } from '../../../scripts/package/bundledPackages.ts';
import type { Sbom } from '../../../scripts/package/npmSbom.ts';
import { sbomOf, UnexpectedPackageError } from '../../../scripts/package/sbom.ts';

const component = (name: string, version: string) => ({
  'bom-ref': `${name}@${version}`,
  type: 'library',
  purl: `pkg:npm/${name}@${version}`,
  ...{ name, version },
});

const npm: Sbom = {
  serialNumber: 'urn:uuid:1',
  metadata: { timestamp: 'now', tools: [], component: component('folder', '1.0.0') },
  components: [component('zod', '4.0.0'), component('ms', '2.0.0'), component('jest', '30.0.0')],
  dependencies: [
    { ref: 'zod@4.0.0', dependsOn: ['jest@30.0.0', 'ms@2.0.0'] },
    { ref: 'folder@1.0.0', dependsOn: ['zod@4.0.0', 'jest@30.0.0'] },
    { ref: 'ms@2.0.0' },
    { ref: 'jest@30.0.0' },
  ],
};
const locked = {
  'node_modules/zod': { version: '4.0.0' },
  'node_modules/ms': { version: '2.0.0' },
  'node_modules/jest': { version: '30.0.0', dev: true },
};
const bundled = (name: string, version: string) => ({ name, version, folder: `node_modules/${name}` });
const [zod, ms] = [bundled('zod', '4.0.0'), bundled('ms', '2.0.0')];

describe('sbomOf', () => {
  test('the bill of materials contains the bundled packages and the dependencies between them', () => {
    expect(sbomOf([ms, zod], npm, locked, 'keeper')).toEqual({
      metadata: { component: { ...component('folder', '1.0.0'), name: 'keeper' } },
      components: [component('ms', '2.0.0'), component('zod', '4.0.0')],
      dependencies: [
        { ref: 'folder@1.0.0', dependsOn: ['zod@4.0.0'] },
        { ref: 'ms@2.0.0', dependsOn: [] },
        { ref: 'zod@4.0.0', dependsOn: ['ms@2.0.0'] },
      ],
    });
  });

  test('the bill of materials lists a package in two folders once', () => {
    const deeper = { ...ms, folder: 'node_modules/zod/node_modules/ms' };
    const both = { ...locked, [deeper.folder]: { version: '2.0.0' } };
    expect(sbomOf([ms, deeper], npm, both, 'keeper').components).toEqual([component('ms', '2.0.0')]);
  });

  test.each([
    ['only development needs', bundled('jest', '30.0.0')],
    ['the lockfile has in another version', bundled('zod', '3.0.0')],
    ['the lockfile does not have', bundled('left-pad', '1.0.0')],
  ])('the bill of materials refuses a package that %s', (_why, one) => {
    expect(() => sbomOf([zod, one], npm, locked, 'keeper')).toThrow(new UnexpectedPackageError([one.folder]));
  });
});

test.each([
  ['node_modules/zod/v4/core/util.js', 'node_modules/zod'],
  ['node_modules/@azure/identity/dist/index.js', 'node_modules/@azure/identity'],
  ['node_modules/a/node_modules/@b/c/index.js', 'node_modules/a/node_modules/@b/c'],
  ['shared/app.ts', undefined],
])('%s belongs to the package in %s', (source, folder) => {
  expect(packageFolder(source)).toBe(folder);
});
