import { describe, expect, test } from '@jest/globals';
import { hubRoles } from '../../shared/hub/adviceFor.ts';
import { compiled, type Phase, predicted, type World } from './evaluated.ts';
import { grantsOf } from './grantedRoles.ts';

const words = (phase: Phase, world: World = 'oneHub') =>
  grantsOf(world, phase)
    .map(({ role, on }) => `${role} on ${on}`)
    .sort();

describe('the roles that the template grants', () => {
  test('the template grants these roles and no others, each on one resource', () => {
    expect(words('main')).toEqual([
      'Monitoring Metrics Publisher on components/keeper-zte4h52iisikg',
      'Storage Blob Data Owner on storageAccounts/keeperzte4h52iisikg',
      'Storage Queue Data Contributor on storageAccounts/keeperzte4h52iisikg',
    ]);
    expect(words('access')).toEqual([
      'IoT Hub Data Reader on IotHubs/contoso',
      'IoT Hub Registry Contributor on IotHubs/contoso',
    ]);
    expect(words('events')).toEqual(['Storage Blob Data Contributor on containers/dead-letters']);
    expect(words('deadLetters')).toEqual([]);
    const more = words('main', 'threeHubs').filter((word) => /Event Hubs/.test(word));
    expect(more).toEqual([expect.stringMatching(/^Azure Event Hubs Data Receiver on eventhubs\/identity-changes$/)]);
  });

  test('the roles are granted on each of three hubs, also in another subscription', () => {
    expect(words('access', 'threeHubs')).toHaveLength(7);
    const ids = predicted('threeHubs', 'access').map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('/subscriptions/44444444-'))).toHaveLength(2);
    expect(new Set(ids).size).toBe(7);
  });

  test('the role to write twins is granted only on a hub whose entry says so', () => {
    const writers = words('access', 'threeHubs').filter((word) => word.startsWith(hubRoles.twinWrite));
    expect(writers).toEqual([`${hubRoles.twinWrite} on IotHubs/Contoso-EU`]);
  });

  test('each role id has the expected name, and each role is granted to an identity, not to a person', () => {
    for (const phase of ['main', 'access', 'events'] as const) {
      for (const { role, writtenAs, properties } of grantsOf('threeHubs', phase)) {
        expect(writtenAs).toBe(role);
        expect(properties.principalType).toBe('ServicePrincipal');
      }
    }
  });

  test('the roles on a hub are those that the app names in its advice, and are granted to the identity of the app', () => {
    const onHub = grantsOf('threeHubs', 'access').filter(({ on }) => on === 'IotHubs/Contoso-EU');
    expect(onHub.map(({ role }) => role).sort()).toEqual(Object.values(hubRoles).sort());
    for (const { properties } of grantsOf('oneHub', 'access')) {
      expect(properties.principalId).toBe('33333333-3333-3333-3333-333333333333');
    }
    expect(compiled('main').outputs.KEEPER_PRINCIPAL_ID?.value).toContain('principalId');
  });

  test('no role is granted on a subscription or a resource group', () => {
    for (const phase of ['main', 'access', 'events'] as const) {
      for (const { on } of grantsOf('threeHubs', phase)) expect(on).toBeDefined();
    }
  });
});
