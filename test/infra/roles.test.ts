import { beforeAll, describe, expect, test } from '@jest/globals';
import { hubRoles } from '../../shared/hub/adviceFor.ts';
import { type BicepReader, bicepPaths, bicepReader } from './bicepFile.ts';
import { bodyOf, under } from './bicepValue.ts';
import { type Grant, grantsOf } from './grantedRoles.ts';

let read: BicepReader;
let grants: Record<string, Grant[]>;
beforeAll(async () => {
  read = await bicepReader();
  grants = Object.fromEntries(
    bicepPaths.map((path) => [path, grantsOf(read, path)] as const).filter(([, found]) => found.length > 0),
  );
});

describe('the roles that the template grants', () => {
  test('are these and no others, each on one resource', () => {
    const granted = Object.values(grants).flatMap((list) => list.map(({ role, on }) => `${role} on ${on}`));
    expect(granted.sort()).toEqual([
      'IoT Hub Data Reader on iotHub',
      'IoT Hub Registry Contributor on iotHub',
      'Monitoring Metrics Publisher on insights',
      'Storage Blob Data Contributor on deadLetters',
      'Storage Blob Data Owner on account',
      'Storage Queue Data Contributor on account',
    ]);
  });

  test('are called by the names that their ids have', () => {
    for (const { role, writtenAs } of Object.values(grants).flat()) expect(writtenAs).toBe(role);
  });

  test('on a hub are those that the app asks for when one is missing', () => {
    const onHub = grants['hub/access.bicep']?.map(({ role }) => role).sort();
    expect(onHub).toEqual(Object.values(hubRoles).sort());
  });

  test('on a hub are given by a deployment that azd does not own', () => {
    const deployed = (path: string) =>
      read(path)
        .list('module')
        .map(({ of }) => of);
    expect(deployed('access.bicep')).toEqual(['hub/access.bicep']);
    expect(deployed('main.bicep')).not.toContain('hub/access.bicep');
    const hubs = bodyOf(read('access.bicep').find('module', 'hubAccess').value);
    expect(under(hubs, 'params')).toMatchObject({
      hubName: { text: 'one.name' },
      principalId: { text: 'principalId' },
    });
    expect(read('main.bicep').find('output', 'KEEPER_PRINCIPAL_ID').value?.text).toBe('identity.outputs.principalId');
  });

  test('go to identities, not to people', () => {
    for (const path of Object.keys(grants)) {
      for (const { of, value } of read(path).list('resource')) {
        if (of?.includes('/roleAssignments@')) {
          expect(under(bodyOf(value), 'properties')).toMatchObject({
            principalType: 'ServicePrincipal',
            principalId: { text: 'principalId' },
          });
        }
      }
    }
  });
});
