import { describe, expect, test } from '@jest/globals';
import type { Az } from '../../scripts/deploy/azCli.ts';
import { route } from '../../scripts/deploy/phases.ts';
import { readIdentityChange } from '../../shared/intake/readIdentityChange.ts';
import { lifecycleSample } from '../local/eventHub/routedSamples.ts';
import { azd } from './azStandIn.ts';
import { compiled, readText } from './evaluated.ts';

const hubs = [
  { name: 'contoso', resourceGroup: 'hubs' },
  { name: 'contoso-us', resourceGroup: 'hubs-us', subscriptionId: '44444444-4444-4444-4444-444444444444' },
];
const eventHubId = `/subscriptions/${azd.AZURE_SUBSCRIPTION_ID}/resourceGroups/rg-keeper/providers/Microsoft.EventHub/namespaces/keeper-abc/eventhubs/identity-changes`;
const asked = {
  ...azd,
  KEEPER_REPAIR_IN_SECONDS: 'deletedAndChanged',
  KEEPER_EVENT_HUB_NAMESPACE: 'keeper-abc.servicebus.windows.net',
  KEEPER_EVENT_HUB_ID: eventHubId,
};

/** An az on hubs with some endpoints and routes; what it makes is there afterwards. `refuse` is the error of a call. */
function standIn(refuse: (line: string) => string | undefined = () => undefined) {
  const made = new Set<string>();
  const changes: string[][] = [];
  const said: string[] = [];
  const az: Az = async (args) => {
    const of = (option: string) => args[args.indexOf(option) + 1];
    const thing = args.includes('message-route') ? `route ${of('--route-name')}` : `endpoint ${of('--endpoint-name')}`;
    const key = `${of('--hub-name')} ${thing}`;
    if (args.includes('show')) return { status: made.has(key) ? 0 : 3, stdout: '', stderr: '' };
    changes.push([...args]);
    const stderr = refuse(args.join(' '));
    if (stderr !== undefined) return { status: 1, stdout: '', stderr };
    if (args.includes('create')) made.add(key);
    return { status: 0, stdout: '', stderr: '' };
  };
  return {
    made,
    changes,
    said,
    deps: { az, sleepSeconds: async () => undefined, say: (line: string) => void said.push(line) },
  };
}

describe('the routes of the hubs', () => {
  test('are not made, and az is not called, unless they are asked for', async () => {
    const { changes, deps } = standIn();
    expect(await route(azd, hubs, deps)).toBe(true);
    expect(await route({ ...azd, KEEPER_REPAIR_IN_SECONDS: undefined }, hubs, deps)).toBe(true);
    expect(changes).toEqual([]);
  });

  test('are made on each hub, after the role of its identity and the endpoint, without a key', async () => {
    const { made, changes, said, deps } = standIn();
    expect(await route(asked, hubs, deps)).toBe(true);
    expect([...made]).toEqual(
      hubs.flatMap(({ name }) => [
        `${name} endpoint keeper-abc`,
        `${name} route keeper-abc-lifecycle`,
        `${name} route keeper-abc-twins`,
      ]),
    );
    const verbs = changes.map((args) =>
      args
        .filter((arg) => !arg.startsWith('-'))
        .slice(0, 4)
        .join(' '),
    );
    expect(verbs.slice(0, 4)).toEqual([
      'extension add azure-iot none',
      ...['iot hub identity assign', 'iot hub message-endpoint create', 'iot hub message-route create'],
    ]);
    expect(changes[1]).toEqual(expect.arrayContaining(['Azure Event Hubs Data Sender', eventHubId]));
    expect(changes[2]).toEqual(
      expect.arrayContaining(['sb://keeper-abc.servicebus.windows.net', 'identity-changes', '[system]']),
    );
    expect(changes.flat().filter((arg) => /connection-string|policy|SharedAccess/i.test(arg))).toEqual([]);
    const us = changes.filter((args) => args.includes('contoso-us'));
    for (const args of us) expect(args).toContain('44444444-4444-4444-4444-444444444444');
    expect(said).toEqual(['The hubs of hubs.json now report what is deleted or changed.']);
  });

  test('report deletions alone where no more is asked for, and nothing is made twice', async () => {
    const { made, changes, deps } = standIn();
    const deleted = { ...asked, KEEPER_REPAIR_IN_SECONDS: 'deleted' };
    await route(deleted, hubs, deps);
    expect([...made].filter((key) => key.endsWith('-twins'))).toEqual([]);
    const before = changes.filter((args) => args.includes('create')).length;
    await route(deleted, hubs, deps);
    expect(changes.filter((args) => args.includes('create'))).toHaveLength(before);
  });

  test('are tried again while a role is not effective yet; a hub that refuses them does not stop the others', async () => {
    let failures = 3;
    const { made, said, deps } = standIn((line) => {
      if (line.includes('message-endpoint create') && line.includes('contoso-us') && failures-- > 0)
        return '(RoutingEndpoint) unauthorized yet';
      return line.includes('--name contoso ') ? '(AuthorizationFailed) no' : undefined;
    });
    expect(await route(asked, hubs, deps)).toBe(false);
    expect([...made].every((key) => key.startsWith('contoso-us '))).toBe(true);
    expect(made.size).toBe(3);
    expect(said.at(-1)).toMatch(/^These hubs do not report .*: contoso; .*azd hooks run postdeploy$/);
  });

  test('let through every operation that the app reads, and no other', async () => {
    const { changes, deps } = standIn();
    await route(asked, hubs, deps);
    const [condition = ''] = changes.flat().filter((arg) => arg.startsWith('opType'));
    const names = [...condition.matchAll(/opType = '(\w+)'/g)].map(([, name]) => name ?? '');
    const known = new Map([['contoso', 'contoso']]);
    for (const opType of names) {
      const read = readIdentityChange(lifecycleSample({ opType, hubName: 'contoso' }), known);
      expect(read).toHaveProperty('change');
    }
    expect(names).toHaveLength(4);
    expect(readText('docs/settings.md')).toContain(condition);
  });

  test('are off by default in main.bicep, which also allows "deleted" and "deletedAndChanged"', () => {
    expect(compiled('main').parameters.repairInSeconds).toMatchObject({
      defaultValue: 'off',
      allowedValues: ['off', 'deleted', 'deletedAndChanged'],
    });
  });
});
