import { describe, expect, test } from '@jest/globals';
import { bicepPaths, compiled, type Parameter, phases, predicted, readText } from './evaluated.ts';

const scripts = ['scripts/deploy/phases.ts', 'infra/README.md'].map(readText);
const hubFields = compiled('main').definitions?.hub?.properties ?? {};

test('every output of main.bicep is read by a hook or named in infra/README.md', () => {
  const outputs = Object.keys(compiled('main').outputs);
  expect(outputs.length).toBeGreaterThan(4);
  expect(outputs.filter((name) => !scripts.some((text) => text.includes(name)))).toEqual([]);
});

test('infra/README.md names every parameter, field of a hub, granted role and alert', () => {
  const page = readText('infra/README.md');
  const notForUsers = ['environmentName', 'location', 'hubs', 'deployedAt'];
  const parameters = Object.keys(compiled('main').parameters).filter((name) => !notForUsers.includes(name));
  for (const name of [...Object.keys(hubFields), ...parameters]) {
    expect([name, page.includes(`\`${name}\``)]).toEqual([name, true]);
  }
  const all = phases.flatMap((phase) => predicted('oneHub', phase));
  const roles = all.filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments');
  for (const { properties } of roles) expect(page).toContain(`| ${properties.description} |`);
  const anchors = all.flatMap(({ properties }) => [...(String(properties?.description).match(/alert-[\w-]+$/) ?? [])]);
  expect(new Set(anchors).size).toBe(11);
  for (const anchor of anchors) expect([anchor, page.includes(`\`${anchor}\``)]).toEqual([anchor, true]);
});

test('infra/README.md names every Bicep file', () => {
  const page = readText('infra/README.md');
  const folders = bicepPaths.map((path) => (path.startsWith('watch/') ? 'watch/' : path));
  expect(
    folders.filter((path) => !page.includes(path) && path !== 'types.bicep' && path !== 'app/deadLetterRole.bicep'),
  ).toEqual([]);
});

describe('what the user fills in', () => {
  const kindOf = (value: unknown) =>
    Array.isArray(value) ? 'array' : { number: 'int', string: 'string', boolean: 'bool' }[typeof value as 'number'];

  test('main.parameters.json names parameters that main.bicep has, with values of their types', () => {
    const { parameters } = JSON.parse(readText('infra/main.parameters.json')) as {
      parameters: Record<string, { value: unknown }>;
    };
    const known = compiled('main').parameters;
    for (const [name, { value }] of Object.entries(parameters)) {
      expect([name, kindOf(value)]).toEqual([name, known[name]?.type]);
    }
    for (const [name, { defaultValue }] of Object.entries(known)) {
      if (defaultValue === undefined) expect(parameters).toHaveProperty([name]);
      else if (name in parameters) expect([name, parameters[name]?.value]).toEqual([name, defaultValue]);
    }
    // hubs.json holds the hubs; the time of the deployment is for nobody to write.
    expect(Object.keys(known).filter((name) => !(name in parameters))).toEqual(['hubs', 'deployedAt']);
  });

  test('hubs.json holds hubs as types.bicep describes them, and all phases read it', () => {
    const hubs = JSON.parse(readText('infra/hubs.json')) as Record<string, unknown>[];
    expect(hubs.length).toBeGreaterThan(0);
    const required = Object.entries<Parameter>(hubFields).filter(([, { nullable }]) => !nullable);
    expect(required.map(([name]) => name)).toEqual(['name', 'resourceGroup']);
    for (const hub of hubs) {
      expect(Object.keys(hub).filter((key) => !(key in hubFields))).toEqual([]);
      for (const [name] of required) expect(hub).toHaveProperty([name]);
    }
    for (const phase of phases) expect(readText(`infra/${phase}.bicep`)).toContain("loadJsonContent('hubs.json')");
  });
});
