import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BicepFile, type BicepReader, bicepReader } from './bicepFile.ts';
import { bodyOf, propertiesOf } from './bicepValue.ts';

let read: BicepReader;
beforeAll(async () => {
  read = await bicepReader();
});

/**
 * What a template of azd's holds outside the keeper's group, `existing` resources included, as `file: name`: `azd down` deletes
 * the groups of all that Azure lists for the deployment, and lists of Azure's have held `existing` resources (deployment-stacks
 * issues 132 and 149).
 */
function outsideOwnGroup(main: BicepFile, module: BicepReader = read): string[] {
  const scopeOf = (of: BicepFile, name: string) => {
    const found = of.declarations.find((declaration) => declaration.name === name && declaration.kind !== 'output');
    return propertiesOf(bodyOf(found?.value)).find(([key]) => key === 'scope')?.[1].text;
  };
  const isGroup = ({ of, existing }: BicepFile['declarations'][number]) =>
    !existing && of?.startsWith('Microsoft.Resources/resourceGroups@') === true;
  const group = main.list('resource').find(isGroup)?.name;
  const outside = [...main.list('resource').filter((one) => one.name !== group), ...main.list('module')]
    .filter(({ name }) => scopeOf(main, name) !== group)
    .map(({ name }) => `${main.path}: ${name}`);
  return [...outside, ...main.list('module').flatMap(({ of = '' }) => inside(module(join(dirname(main.path), of))))];

  /** In a module of the group only a scope that is a resource of the same file stays in it. */
  function inside(file: BicepFile): string[] {
    const own = file.list('resource').map(({ name }) => name);
    const leaving = [...file.list('resource'), ...file.list('module')].filter(({ name }) => {
      const scope = scopeOf(file, name);
      return scope !== undefined && !own.includes(scope);
    });
    const nested = file.list('module').flatMap(({ of = '' }) => inside(module(join(dirname(file.path), of))));
    return [...leaving.map(({ name }) => `${file.path}: ${name}`), ...nested];
  }
}

describe('the deployment that azd owns', () => {
  test('holds nothing outside its own resource group, so that azd down can take nothing else', () => {
    expect(outsideOwnGroup(read('main.bicep'))).toEqual([]);
    expect(read('main.bicep').list('module').length).toBeGreaterThan(4);
  });

  test('makes that group itself, and just one', () => {
    const groups = read('main.bicep')
      .list('resource')
      .filter(({ of }) => of?.startsWith('Microsoft.Resources/resourceGroups@'));
    expect(groups.map(({ name, existing }) => [name, existing])).toEqual([['group', false]]);
  });
});

describe('what is outside is found', () => {
  const elsewhere = "resourceGroup('hubs')";
  const main = (added: string) => read('main.bicep', `${read('main.bicep').tree.text}\n${added}\n`);

  test.each([
    ['a module', `module more 'app/identity.bicep' = {\n  name: 'more'\n  scope: ${elsewhere}\n  params: {}\n}`],
    [
      'modules in a loop',
      `module more 'hub/access.bicep' = [\n  for one in hubs: {\n    name: one.name\n    scope: resourceGroup(one.resourceGroup)\n  }\n]`,
    ],
    [
      'a resource that exists',
      `resource more 'Microsoft.Devices/IotHubs@2023-06-30' existing = {\n  name: 'a'\n  scope: ${elsewhere}\n}`,
    ],
    ['a second group', `resource more 'Microsoft.Resources/resourceGroups@2021-04-01' = {\n  name: 'a'\n}`],
    [
      'a role on the subscription',
      `resource more 'Microsoft.Authorization/roleAssignments@2022-04-01' = {\n  name: 'a'\n}`,
    ],
  ])('%s', (_what, added) => {
    expect(outsideOwnGroup(main(added))).toEqual(['main.bicep: more']);
  });

  test('a resource or module within a module', () => {
    const leaving = `resource hub 'Microsoft.Devices/IotHubs@2023-06-30' existing = {\n  name: 'a'\n  scope: ${elsewhere}\n}`;
    const changed: BicepReader = (path) =>
      path === 'app/identity.bicep' ? read(path, `${read(path).tree.text}\n${leaving}\n`) : read(path);
    expect(outsideOwnGroup(read('main.bicep'), changed)).toEqual(['app/identity.bicep: hub']);
  });
});
