import { describe, expect, test } from '@jest/globals';
import { azd, parametersOf, runHook, spokenBy } from './azStandIn.ts';
import { bicepReader } from './bicepFile.ts';

describe('infra/grant.sh', () => {
  const run = (failures: number, env?: Record<string, string>) => runHook('grant.sh', 'access.bicep', failures, env);

  test('deploys phase two with every parameter that it has, and what main.bicep answered', async () => {
    const { calls, status } = run(0);
    expect({ status, tries: calls.length }).toEqual({ status: 0, tries: 1 });
    const given = parametersOf(calls[0], 'module-keeper-access-keeper one', 'access.bicep');
    expect(given).toEqual({ principalId: azd.KEEPER_PRINCIPAL_ID });
    const read = await bicepReader();
    const required = read('access.bicep')
      .list('param')
      .filter(({ value }) => value === undefined);
    expect(Object.keys(given)).toEqual(required.map(({ name }) => name));
    expect(read('main.bicep').find('output', 'KEEPER_PRINCIPAL_ID').value).toBeDefined();
  });

  test('tries again while the identity is not known yet', () => {
    const { calls, waits, status } = run(2);
    expect({ status, tries: calls.length, waits }).toEqual({ status: 0, tries: 3, waits: ['30', '60'] });
  });

  test('gives up in the end, so that azd deploys no code that may do nothing, and says how to go on', () => {
    const { calls, waits, status, stderr } = run(9);
    expect({ status, tries: calls.length, waits }).toEqual({ status: 1, tries: 4, waits: ['30', '60', '120'] });
    expect(stderr).toContain('azd hooks run postprovision, and azd deploy');
  });

  test('does nothing without what phase one answered', () => {
    const { KEEPER_PRINCIPAL_ID: _gone, ...rest } = azd;
    const { calls, status, stderr } = run(0, rest);
    expect({ calls, failed: status !== 0 }).toEqual({ calls: [], failed: true });
    expect(stderr).toContain('KEEPER_PRINCIPAL_ID');
  });
});

test('infra/grant.ps1, which is not run here, says the same to az', () => {
  expect(spokenBy('grant.sh').call).toContain('"principalId=$KEEPER_PRINCIPAL_ID"');
  expect(spokenBy('grant.ps1')).toEqual(spokenBy('grant.sh'));
});
