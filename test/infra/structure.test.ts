import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BicepFile, type BicepReader, bicepPaths, bicepReader, infra, nodesIn } from './bicepFile.ts';
import { bodyOf, plainValue, propertiesOf, under } from './bicepValue.ts';
import { grantsOf } from './grantedRoles.ts';

let read: BicepReader;
let files: BicepFile[];
beforeAll(async () => {
  read = await bicepReader();
  files = bicepPaths.map((path) => read(path));
});

/** How often a name stands in a file, its own declaration included. */
const uses = (file: BicepFile, name: string) =>
  [...nodesIn(file.tree)].filter(({ type, text }) => type === 'identifier' && text === name).length;

/** Every module of a file, with the file that it is. */
const modulesOf = (file: BicepFile) =>
  file.list('module').map((declaration) => {
    const path = join(dirname(file.path), declaration.of ?? '');
    return { declaration, path, module: existsSync(join(infra, path)) ? read(path) : undefined };
  });

describe('in every template', () => {
  test.each(bicepPaths)('%s describes what goes in and out, and uses what it declares', (path) => {
    const file = read(path);
    const undescribed = [...file.list('param'), ...file.list('output')].filter(({ description }) => !description);
    expect(undescribed.map(({ name }) => name)).toEqual([]);
    const mustBeUsed = [...file.list('param'), ...file.list('var'), ...file.list('resource')].filter(
      ({ kind, existing }) => kind !== 'resource' || existing,
    );
    expect(mustBeUsed.filter(({ name }) => uses(file, name) < 2).map(({ name }) => name)).toEqual([]);
  });

  test('modules and imports are there, and get the parameters that they have', () => {
    let count = 0;
    for (const file of files) {
      for (const { of = '' } of file.list('import')) {
        expect(existsSync(join(infra, dirname(file.path), of))).toBe(true);
      }
      for (const { declaration, path, module } of modulesOf(file)) {
        if (!module) throw new Error(`${file.path} names ${path}, which is not there`);
        const given = Object.keys(under(bodyOf(declaration.value), 'params'));
        const known = module.list('param');
        const required = known.filter(({ value }) => value === undefined).map(({ name }) => name);
        expect({ path, unknown: given.filter((name) => !known.some((param) => param.name === name)) }).toEqual({
          path,
          unknown: [],
        });
        expect({ path, missing: required.filter((name) => !given.includes(name)) }).toEqual({ path, missing: [] });
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(8);
  });

  test('outputs that are read exist, and outputs that exist are read', () => {
    const read = new Set<string>();
    for (const file of files) {
      for (const { declaration, path, module } of modulesOf(file)) {
        const wanted = new RegExp(`\\b${declaration.name}(?:\\[\\w+\\])?\\.outputs\\.(\\w+)`, 'g');
        for (const [, name = ''] of file.tree.text.matchAll(wanted)) {
          expect({ path, has: module?.list('output').some((output) => output.name === name), name }).toEqual({
            path,
            has: true,
            name,
          });
          read.add(`${path} ${name}`);
        }
      }
    }
    const scripts = ['grant.sh', 'grant.ps1', 'subscribe.sh', 'subscribe.ps1', 'README.md'].map((name) =>
      readFileSync(join(infra, name), 'utf8'),
    );
    for (const file of files) {
      for (const { name } of file.list('output')) {
        const isRead = read.has(`${file.path} ${name}`) || scripts.some((text) => text.includes(name));
        expect([file.path, name, isRead]).toEqual([file.path, name, true]);
      }
    }
  });

  test('names stay within what Azure takes, for a hub of the longest name too', () => {
    const lengths: Record<string, number> = { 'one.name': 50, topicName: 50, environmentName: 40, token: 13, name: 20 };
    const length = (text: string) => {
      let made = text;
      for (const [, call, most] of text.matchAll(/\$\{(take\([\w.]+, (\d+)\))\}/g)) {
        made = made.replace(`\${${call}}`, 'x'.repeat(Number(most)));
      }
      made = made.replace(/\$\{uniqueString\([^)]*\)\}/g, 'x'.repeat(13));
      return made.replace(/\$\{([\w.]+)\}/g, (_, name) => 'x'.repeat(lengths[name] ?? Number.NaN)).length - 2;
    };
    for (const file of files) {
      for (const { name, value } of file.list('module')) {
        const written = propertiesOf(bodyOf(value)).find(([key]) => key === 'name')?.[1].text ?? '';
        expect([name, length(written) <= 64, written.length > 2]).toEqual([name, true, true]);
      }
    }
    const topic = /\?\? ('[^']+')/.exec(read('events.bicep').find('var', 'topicNames').value?.text ?? '')?.[1] ?? '';
    expect(topic).not.toBe('');
    expect(length(topic)).toBeLessThanOrEqual(50); // Event Grid system topics: 3 to 50
    expect(length(`'keeper\${token}'`)).toBeLessThanOrEqual(24); // storage accounts: 3 to 24
  });

  test('each resource type is used at one version', () => {
    const versions = new Map<string, Set<string>>();
    for (const file of files) {
      for (const { of = '' } of file.list('resource')) {
        const [, type = '', version = ''] = /^([\w./]+)@(\d{4}-\d{2}-\d{2})$/.exec(of) ?? [];
        if (!of.includes('/')) continue; // nested: its parent says it
        expect([of, version]).not.toEqual([of, '']);
        versions.set(type, (versions.get(type) ?? new Set()).add(version));
      }
    }
    expect(versions.size).toBeGreaterThan(12);
    for (const [type, found] of versions) expect([type, [...found]]).toEqual([type, [[...found][0]]]);
  });
});

test('infra/README.md tells of every parameter, field of a hub, granted role and alert', () => {
  const page = readFileSync(join(infra, 'README.md'), 'utf8');
  const type = read('types.bicep').find('type', 'hub').value;
  const fields = type ? propertiesOf(type).map(([name]) => name) : [];
  const azdFillsIn = ['environmentName', 'location', 'hubs'];
  const parameters = read('main.bicep')
    .list('param')
    .map(({ name }) => name)
    .filter((name) => !azdFillsIn.includes(name));
  for (const name of [...fields, ...parameters]) expect([name, page.includes(`\`${name}\``)]).toEqual([name, true]);
  const roles = bicepPaths.flatMap((path) => grantsOf(read, path).map(({ writtenAs }) => writtenAs));
  for (const role of roles) expect([role, page.includes(`| ${role} |`)]).toEqual([role, true]);
  const anchors = files.flatMap(({ tree }) => [...tree.text.matchAll(/#(alert-[\w-]+)/g)].map(([, anchor]) => anchor));
  expect(new Set(anchors).size).toBe(9);
  for (const anchor of anchors) expect([anchor, page.includes(`\`${anchor}\``)]).toEqual([anchor, true]);
});

describe('what the user fills in', () => {
  test('main.parameters.json names parameters that main.bicep has, with values of their types', () => {
    const { parameters } = JSON.parse(readFileSync(join(infra, 'main.parameters.json'), 'utf8')) as {
      parameters: Record<string, { value: unknown }>;
    };
    const known = new Map(
      read('main.bicep')
        .list('param')
        .map((param) => [param.name, param]),
    );
    for (const [name, { value }] of Object.entries(parameters)) {
      const type = known.get(name)?.node.namedChildren.find((child) => child.type === 'type')?.text;
      const kind = Array.isArray(value)
        ? 'array'
        : { number: 'int', string: 'string', boolean: 'bool' }[typeof value as 'number'];
      expect([name, kind]).toEqual([name, type]);
    }
    for (const [name, { value }] of known) {
      if (value === undefined) expect(parameters).toHaveProperty([name]);
      else if (name in parameters) expect([name, parameters[name]?.value]).toEqual([name, plainValue(value)]);
    }
    expect([...known.keys()].filter((name) => !(name in parameters))).toEqual(['hubs']);
  });

  test('hubs.json holds hubs as types.bicep describes them, and all phases read it', () => {
    const type = read('types.bicep').find('type', 'hub').value;
    if (!type) throw new Error('no type');
    const fields = propertiesOf(type);
    const hubs = JSON.parse(readFileSync(join(infra, 'hubs.json'), 'utf8')) as Record<string, unknown>[];
    expect(hubs.length).toBeGreaterThan(0);
    for (const hub of hubs) {
      expect(Object.keys(hub).filter((key) => !fields.some(([name]) => name === key))).toEqual([]);
      for (const [name, { text }] of fields) if (!text.endsWith('?')) expect(hub).toHaveProperty([name]);
    }
    for (const path of ['main.bicep', 'access.bicep', 'events.bicep']) {
      expect(read(path).find('param', 'hubs').value?.text).toBe("loadJsonContent('hubs.json')");
    }
  });
});
