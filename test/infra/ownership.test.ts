import { describe, expect, test } from '@jest/globals';
import { compiled, predicted, resourcesOf, type Template, templatesIn, worlds } from './evaluated.ts';

/**
 * What a template reaches outside the group that it makes, `existing` resources included: `azd down` deletes the groups of all
 * that Azure lists for the deployment, and such lists have held `existing` resources (deployment-stacks issues 132 and 149).
 */
function outsideOwnGroup(main: Template): string[] {
  return [...templatesIn(main)].flatMap((template) =>
    resourcesOf(template)
      .filter(({ type }) => type !== 'Microsoft.Resources/resourceGroups')
      .filter(({ scope, resourceGroup, subscriptionId, type, existing }) => {
        if (template === main) {
          return type !== 'Microsoft.Resources/deployments' || existing || !isOwnGroup(resourceGroup) || subscriptionId;
        }
        return subscriptionId !== undefined || resourceGroup !== undefined || /resourceGroups/i.test(scope ?? '');
      })
      .map(({ type, name }) => `${type} ${name}`),
  );
}

const isOwnGroup = (group: string | undefined) => group === "[format('rg-{0}', parameters('environmentName'))]";

describe('the deployment that azd owns', () => {
  test('holds nothing outside its own resource group, so that azd down can take nothing else', () => {
    expect(outsideOwnGroup(compiled('main'))).toEqual([]);
  });

  test.each(worlds)('makes that group itself, and all else in it: %s', (world) => {
    const [group, ...rest] = predicted(world, 'main');
    expect(group?.type).toBe('Microsoft.Resources/resourceGroups');
    const within = `${group?.id}/providers/`;
    const outside = rest.filter(({ id }) => !id.replace(/^\[\w+\('/, '').startsWith(within));
    // The names of DNS zones are known at run time only; test 'holds nothing outside' covers them.
    expect(outside.filter(({ type }) => !type.startsWith('Microsoft.Network/privateDnsZones'))).toEqual([]);
    expect(rest.filter(({ type }) => type === 'Microsoft.Resources/resourceGroups')).toEqual([]);
  });

  test.each([
    ['a module elsewhere', { type: 'Microsoft.Resources/deployments', resourceGroup: 'hubs' }],
    ['a resource that exists', { existing: true, type: 'Microsoft.Devices/IotHubs', resourceGroup: 'hubs' }],
    ['a role on the subscription', { type: 'Microsoft.Authorization/roleAssignments' }],
  ])('fails these tests with %s added', (_what, added) => {
    const main = compiled('main');
    const properties = { template: { resources: {} } };
    expect(
      outsideOwnGroup({ ...main, resources: { ...main.resources, more: { name: 'more', properties, ...added } } }),
    ).toEqual([`${added.type} more`]);
  });

  test('fails these tests with a resource elsewhere within a module', () => {
    const main = compiled('main');
    const [module] = [...templatesIn(main)].slice(1);
    Object.assign(module?.resources ?? {}, {
      more: { type: 'a/b', name: 'more', existing: true, resourceGroup: 'hubs' },
    });
    expect(outsideOwnGroup(main)).toEqual(['a/b more']);
  });
});
