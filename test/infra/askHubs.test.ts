import { describe, expect, test } from '@jest/globals';
import { askHubs, type HubEntry } from '../../scripts/deploy/askHubs.ts';
import { azAnswering } from './azStandIn.ts';

const own = '11111111-1111-1111-1111-111111111111';
const hub: HubEntry = { name: 'Contoso', resourceGroup: 'Hubs' };
const id = `/subscriptions/${own}/resourceGroups/Hubs/providers/Microsoft.Devices/IotHubs/Contoso`;
const owner = { value: [{ actions: ['*'], notActions: [] }] };

const good = {
  'account show': { id: own },
  'provider show': { registrationState: 'Registered' },
  'eventgrid system-topic list': [] as unknown[],
  'rest --url': owner,
  [`resource show --ids ${id}`]: { sku: { name: 'S1' } },
};

const ask = (answers: Record<string, unknown>, hubs = [hub]) =>
  askHubs(hubs, own, azAnswering({ ...good, ...answers }));
const topic = (more: object = {}) => [
  { name: 'ours', resourceGroup: 'hubs', source: id.toLowerCase(), identity: { type: 'SystemAssigned' }, ...more },
];

describe('the check of the hubs before a deployment', () => {
  test('reports nothing for a hub that the keeper can work on', async () => {
    expect(await ask({})).toEqual({ problems: [], warnings: [] });
  });

  test('names a hub that is not there', async () => {
    const { problems } = await ask({}, [{ ...hub, resourceGroup: 'other' }]);
    expect(problems).toEqual([`Hub Contoso was not found in resource group other of subscription ${own}`]);
  });

  test.each([
    ['B1', 'Basic tier B1, which has no modules'],
    ['GEN3', 'write "tier" with the one that has the same limits'],
  ])('names a hub of tier %s', async (name, expected) => {
    const { problems } = await ask({ [`resource show --ids ${id}`]: { sku: { name } } });
    expect(problems).toEqual([expect.stringContaining(expected)]);
  });

  test('accepts a hub of an unknown tier if hubs.json names a tier', async () => {
    const answers = { [`resource show --ids ${id}`]: { sku: { name: 'GEN3' } } };
    expect((await ask(answers, [{ ...hub, tier: 'S3' }])).problems).toEqual([]);
  });

  test('says what to write for a hub that already has a system topic', async () => {
    const { problems } = await ask({ 'eventgrid system-topic list': topic() });
    expect(problems).toEqual([expect.stringContaining('write "systemTopic": "ours"')]);
    const written = [{ ...hub, systemTopic: 'Ours' }];
    expect((await ask({ 'eventgrid system-topic list': topic() }, written)).problems).toEqual([]);
    expect((await ask({ 'eventgrid system-topic list': topic({ name: 'keeper-contoso-abc' }) })).problems).toEqual([]);
  });

  test('names a topic that cannot be used as it is, and one that is not there', async () => {
    const written = [{ ...hub, systemTopic: 'ours' }];
    const elsewhere = await ask(
      { 'eventgrid system-topic list': topic({ resourceGroup: 'x', identity: null }) },
      written,
    );
    expect(elsewhere.problems).toEqual([
      expect.stringContaining('is in resource group x'),
      expect.stringContaining('--identity systemassigned'),
    ]);
    expect((await ask({}, written)).problems).toEqual([expect.stringContaining('leave "systemTopic" out')]);
  });

  test('names a subscription without Event Grid', async () => {
    const { problems } = await ask({ 'provider show': { registrationState: 'NotRegistered' } });
    expect(problems).toEqual([expect.stringContaining('az provider register --namespace Microsoft.EventGrid')]);
  });

  test('only warns if the right to assign roles is missing, on a hub or for the keeper itself', async () => {
    const contributor = { value: [{ actions: ['*'], notActions: ['Microsoft.Authorization/*/Write'] }] };
    const { problems, warnings } = await ask({ 'rest --url': contributor });
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      expect.stringContaining('on the subscription of the keeper'),
      expect.stringContaining('on resource group hubs'),
    ]);
    const both = {
      value: [...contributor.value, { actions: ['Microsoft.Authorization/roleAssignments/write'], notActions: [] }],
    };
    expect((await ask({ 'rest --url': both })).warnings).toEqual([]);
  });

  test('warns of what it could not read', async () => {
    const { problems, warnings } = await askHubs(
      [hub],
      own,
      azAnswering({ 'account show': { id: own }, [`resource show --ids ${id}`]: { sku: { name: 'S1' } } }),
    );
    expect(problems).toEqual([]);
    expect(warnings.filter((warning) => warning.endsWith('could not be read.'))).toHaveLength(4);
  });

  test('reports that nobody is logged in, and that hubs.json is still the sample', async () => {
    expect((await askHubs([hub], own, azAnswering({}))).problems).toEqual([expect.stringContaining('az login')]);
    expect((await ask({}, [{ name: 'my-hub', resourceGroup: 'x' }])).problems).toEqual([
      expect.stringContaining('sample'),
    ]);
  });
});
