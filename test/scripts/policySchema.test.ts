import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { policyJsonSchema, policySchemaFile } from '../../scripts/policySchema/policyJsonSchema.ts';
import { parsePolicy } from '../../shared/config/parsePolicy.ts';

const isValid = new Ajv2020({ strictTypes: false }).compile(JSON.parse(policyJsonSchema()));

test('docs/policy.schema.json is what `npm run policy-schema` writes', () => {
  expect(readFileSync(policySchemaFile, 'utf8')).toBe(policyJsonSchema());
});

test('the examples of the settings page are valid for the schema and for the app', () => {
  const page = readFileSync('docs/settings.md', 'utf8');
  const blocks = [...page.matchAll(/^```json\n(.*?)^```/gms)].map(([, json = '']) => json);
  const policies = blocks.filter((json) => json.includes('"moduleId"'));
  expect(policies.length).toBeGreaterThan(0);
  for (const json of policies) {
    expect([isValid(JSON.parse(json)), isValid.errors]).toEqual([true, null]);
    expect(parsePolicy(json)).toMatchObject({ ok: true });
  }
});

const agent = 'DefenderIotMicroAgent';

test.each([
  [[{ moduleId: 'a' }], true],
  [[], false],
  [[{}], false],
  [[{ moduleId: 'a', ensure: 'absent' }], false],
  [[{ moduleId: 'a', ensure: 'absent', stop: { maxChanges: 10 } }], true],
  [[{ moduleId: 'a', ensure: 'absent', stop: { maxChanges: 10 }, removal: { connected: 'remove' } }], true],
  [[{ moduleId: 'a', ensure: 'absent', stop: { maxChanges: 10 }, twin: { mode: 'off' } }], false],
  [[{ moduleId: 'a', removal: {} }], false],
  [[{ moduleId: 'a', ensure: 'patched' }], false],
  [[{ moduleId: 'a', ensure: 'patched', twin: { tags: { ADUGroup: 'line-1' } } }], true],
  [[{ moduleId: 'a', ensure: 'patched', authentication: 'sas', twin: { tags: { a: 1 } } }], false],
  [[{ moduleId: 'a', selct: {} }], false],
  [[{ moduleId: 'a', select: { deviceIds: [] } }], false],
  [[{ moduleId: 'a', twin: { desired: { any: { thing: [1] } } } }], true],
  [[{ moduleId: 'a', twin: { desired: 'x' } }], false],
  [[{ moduleId: agent, twin: { desired: { Login_UsePAM: true } } }], true],
  [[{ moduleId: agent, twin: { desired: { Login_UsePAM: 'yes' } } }], false],
  [[{ moduleId: agent, twin: { desired: { other: 1 } } }], false],
  [[{ moduleId: agent, twin: { desired: { other: 1 }, unchecked: true } }], true],
  [[{ moduleId: 'a', stop: { maxChanges: 0 } }], false],
])('schema and app agree on %j: %s', (policy, expected) => {
  expect(isValid(policy)).toBe(expected);
  expect(parsePolicy(JSON.stringify(policy)).ok).toBe(expected);
});

test('every property in the schema of the policy has a description for the editor', () => {
  const { items } = JSON.parse(policyJsonSchema());
  const properties = {
    ...items.properties,
    ...items.properties.twin.properties,
    ...items.properties.select.properties,
  };
  for (const [name, { description }] of Object.entries<{ description?: string }>(properties)) {
    expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Za-z].*\.$/)]);
  }
});
