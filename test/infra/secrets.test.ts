import { describe, expect, test } from '@jest/globals';
import { compiled, phases, predicted, theOne, worlds } from './evaluated.ts';

describe('the templates', () => {
  test('read no key, and have no secret as parameter or output', () => {
    for (const phase of phases) {
      const text = JSON.stringify(compiled(phase));
      for (const secret of [/list\w*keys?\(/i, /listAccountSas/i, /"secure/i, /AccountKey|SharedAccess/i]) {
        expect([phase, secret.test(text)]).toEqual([phase, false]);
      }
      for (const [name, { value }] of Object.entries(compiled(phase).outputs ?? {})) {
        expect([
          name,
          /key(?!vault)|secret|token|connectionstring/i.test(`${name} ${value}`.replaceAll('keeper', '')),
        ]).toEqual([name, false]);
      }
    }
  });

  test.each(worlds)('let no key or password into storage, telemetry or deployments: %s', (world) => {
    expect(theOne(world, 'main', 'Microsoft.Storage/storageAccounts').properties).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
    });
    expect(theOne(world, 'main', 'Microsoft.Insights/components').properties.DisableLocalAuth).toBe(true);
    const policies = predicted(world, 'main').filter(({ type }) =>
      type.endsWith('/basicPublishingCredentialsPolicies'),
    );
    expect(policies.map(({ name, properties }) => [name.split('/')[1], properties])).toEqual([
      ['scm', { allow: false }],
      ['ftp', { allow: false }],
    ]);
  });
});
