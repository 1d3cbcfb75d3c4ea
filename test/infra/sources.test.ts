import { describe, expect, test } from '@jest/globals';
import { phases as checkedPhases } from '../../scripts/bicep/checkTemplates.ts';
import { sourcesHash } from '../../scripts/bicep/sourcesHash.ts';
import { bicepPaths, compiled, infra, phases, predicted, readText, templatesIn, worlds } from './evaluated.ts';

test('the stored compiled templates are those of the sources (npm run check:bicep -- --update stores them)', () => {
  expect(readText('test/infra/evaluated/sources.sha256').trim()).toBe(sourcesHash(infra));
});

test('every deployment is checked, for one hub and for three', () => {
  expect(checkedPhases).toEqual(phases);
  for (const world of worlds) for (const phase of phases) expect(predicted(world, phase).length).toBeGreaterThan(1);
});

test('every Bicep file is part of a deployment', () => {
  const named = bicepPaths.flatMap((path) =>
    [...readText(`infra/${path}`).matchAll(/'((?:\.\.\/)?[\w/]+\.bicep)'/g)].map(([, name = '']) =>
      name.split('/').at(-1),
    ),
  );
  const unreached = bicepPaths.filter(
    (path) => !phases.some((phase) => path === `${phase}.bicep`) && !named.includes(path.split('/').at(-1)),
  );
  expect(unreached).toEqual([]);
});

describe.each(phases)('the template %s', (phase) => {
  test('describes itself, its modules, and each parameter and output', () => {
    for (const template of templatesIn(compiled(phase))) {
      expect(template.metadata.description).toMatch(/\w/);
      const described = { ...template.parameters, ...template.outputs };
      const silent = Object.entries(described).filter(([, { metadata }]) => !metadata?.description);
      expect(silent.map(([name]) => name)).toEqual([]);
    }
  });

  test('uses each resource type at one version', () => {
    const versions = new Map<string, Set<string>>();
    for (const { type, apiVersion } of predicted('threeHubs', phase)) {
      versions.set(type, (versions.get(type) ?? new Set()).add(apiVersion));
    }
    for (const [type, found] of versions) expect([type, found.size]).toEqual([type, 1]);
  });
});

test('names in the templates are made of text in lower case, since Azure ignores case in names', () => {
  const calls = bicepPaths.flatMap((path) =>
    [
      ...readText(`infra/${path}`)
        .replace(/^\s*\/\/.*$/gm, '')
        .matchAll(/\b(?:uniqueString|guid)\(((?:[^()]|\([^()]*\))*)\)/g),
    ].map(([, inside = '']) => [path, inside] as const),
  );
  expect(calls.length).toBeGreaterThan(8);
  // What Azure itself writes in lower case: ids of identities and roles.
  const fixed = /^(toLower\(.*\)|principalId|role\.id|'[a-z-]+')$/;
  for (const [path, inside] of calls) {
    const unsafe = inside.split(/,(?![^()]*\))/).filter((part) => !fixed.test(part.trim()));
    expect([path, unsafe]).toEqual([path, []]);
  }
});

test('an old API version is only a warning of Bicep, so that an old clone can still be deployed', () => {
  const { rules } = JSON.parse(readText('infra/bicepconfig.json')).analyzers.core;
  expect(rules['use-recent-api-versions']).toEqual({ level: 'warning' });
});
