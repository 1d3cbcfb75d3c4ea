import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BicepFile, type BicepReader, bicepPaths, bicepReader, nodesIn } from './bicepFile.ts';
import { bodyOf, propertiesOf } from './bicepValue.ts';
import { readTooEarly } from './runtimeReads.ts';

let read: BicepReader;
beforeAll(async () => {
  read = await bicepReader();
});

/** Names that a file declares although it calls the function of that name, which they would hide (BCP059). */
function hiddenFunctions(file: BicepFile): string[] {
  const called = new Set(
    [...nodesIn(file.tree)]
      .filter(({ type }) => type === 'call_expression')
      .map(({ namedChildren: [name] }) => name?.text ?? ''),
  );
  const symbols = file.declarations.filter(({ kind }) => kind !== 'output');
  return symbols.map(({ name }) => name).filter((name) => called.has(name));
}

describe.each(bicepPaths)('%s, as the compiler would see it,', (path) => {
  test('reads nothing of a resource where a value must be known at the start of the deployment', () => {
    expect(readTooEarly(read(path))).toEqual([]);
  });

  test('declares no name that hides a function it calls', () => {
    expect(hiddenFunctions(read(path))).toEqual([]);
  });

  test('says the scope of all that is in another', () => {
    const file = read(path);
    if (!/^targetScope = 'subscription'$/m.test(file.tree.text)) return;
    const unscoped = [...file.list('module'), ...file.list('resource')]
      .filter(({ of }) => !of?.startsWith('Microsoft.Resources/resourceGroups@'))
      .filter(({ value }) => !propertiesOf(bodyOf(value)).some(([key]) => key === 'scope'));
    expect(unscoped.map(({ name }) => name)).toEqual([]);
  });
});

test('what is read too early is found, through loops, conditions and variables too', () => {
  const early = (text: string) => readTooEarly(read('made.bicep', text));
  const hub = "resource hub 'Microsoft.Devices/IotHubs@2023-06-30' existing = {\n  name: 'a'\n}\n";
  const made = (body: string) => `${hub}resource made 'Microsoft.Storage/storageAccounts@2023-01-01' = ${body}\n`;
  expect(early(made('{\n  name: hub.name\n  tags: { hub: hub.id }\n  properties: { a: hub.location }\n}'))).toEqual([]);
  expect(early(made('{\n  name: hub.name\n  location: hub.location\n}'))).toEqual(['made: hub.location']);
  expect(early(made("{\n  name: 'b'\n  sku: { name: hub.sku.name }\n}"))).toEqual(['made: hub.sku']);
  expect(early(made("if (hub.properties.on) {\n  name: 'b'\n}"))).toEqual(['made: hub.properties']);
  expect(early(made("[for one in hub.properties.all: {\n  name: 'b'\n}]"))).toEqual(['made: hub.properties']);
  expect(early(`var where = hub.location\n${made("{\n  name: 'b'\n  location: where\n}")}`)).toEqual([
    'made: hub.location',
  ]);
  const called = "reference('/a', '2023-06-30', 'Full')";
  expect(early(made(`{\n  name: 'b'\n  properties: { a: ${called}.location }\n}`))).toEqual([]);
  expect(early(made(`{\n  name: 'b'\n  location: ${called}.location\n}`))).toEqual([`made: ${called}`]);
  expect(early(`var all = [for one in ['a']: ${called}]\n`)).toEqual([`all: ${called}`]);
  expect(early(`var all = map(['a'], one => ${called})\n`)).toEqual([`all: ${called}`]);
  expect(early(`${hub}var all = [for one in ['a']: hub.location]\n`)).toEqual(['all: hub.location']);
  expect(early(`${hub}var all = [for one in ['a']: hub.id]\n`)).toEqual([]);
  const modules = (name: string, param: string) =>
    `module one 'one.bicep' = {\n  name: 'one'\n}\nmodule two 'two.bicep' = {\n  name: ${name}\n  params: { a: ${param} }\n}\n`;
  expect(early(modules('one.name', 'one.outputs.a'))).toEqual([]);
  expect(early(modules('one.outputs.a', "'b'"))).toEqual(['two: one.outputs']);
  expect(hiddenFunctions(read('made.bicep', "var take = take('abc', 2)\n"))).toEqual(['take']);
});
