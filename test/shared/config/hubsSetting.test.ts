import { describe, expect, test } from '@jest/globals';
import type { HubConfig } from '../../../shared/config/config.ts';
import { hubsByEventName } from '../../../shared/config/hubsByEventName.ts';
import { readHubs } from '../../../shared/config/hubsSetting.ts';
import { hubConfig } from '../hub/hubConfig.ts';

/** The hubs in service, the names of the others with their problems, and the problems of the app as a whole. */
function readAll(hubs: unknown) {
  const reported: string[] = [];
  const text = typeof hubs === 'string' ? hubs : JSON.stringify(hubs);
  const read = readHubs(text, { budgetPercent: 50, tokenDomains: ['emulator'] }, (setting, message) =>
    reported.push(`${setting}: ${message}`),
  );
  const outOfService = read.outOfService.map(({ name, problems }) => ({
    name,
    problems: problems.map(({ setting, message }) => `${setting}: ${message}`),
  }));
  return { hubs: read.hubs, outOfService, reported };
}

/** The hubs, and all problems, whether of a hub or of the whole. */
function read(hubs: unknown): { hubs: HubConfig[]; problems: string[] } {
  const { hubs: found, outOfService, reported } = readAll(hubs);
  const ofHubs = outOfService.flatMap(({ problems }) => problems);
  return { hubs: found, problems: found.length > 0 || reported.length === 0 ? ofHubs : reported };
}

const key = Buffer.from('secret').toString('base64');
const connectionString = `HostName=b.azure-devices.net;SharedAccessKeyName=p;SharedAccessKey=${key}`;

describe('readHubs', () => {
  test('reads size, budget and authentication of each entry', () => {
    const { hubs, problems } = read([
      { hostName: 'a.azure-devices.net', tier: 'S3', units: 2, budgetPercent: 25 },
      { hostName: 'B.azure-devices.net', connectionString, paused: true },
      { connectionString: connectionString.replace('=b.', '=c.') },
      { hostName: '127.0.0.1:8443', name: 'Test', limits: { registryOpsPerMinute: 7.5 } },
    ]);
    expect(problems).toEqual([]);
    expect(
      hubs.map(({ name, auth, tier, units, budgetPercent, paused }) => [
        name,
        auth.kind,
        tier,
        units,
        budgetPercent,
        paused,
      ]),
    ).toEqual([
      ['a', 'entra', 'S3', 2, 25, false],
      ['b', 'sas', 'S1', 1, 50, true],
      ['c', 'sas', 'S1', 1, 50, false],
      ['test', 'entra', 'S1', 1, 50, false],
    ]);
    expect(hubs[3]?.limits).toEqual({
      registryOpsPerMinute: 7.5,
      queriesPerMinute: 20,
      twinReadsPerSecond: 100,
      twinWritesPerSecond: 50,
    });
  });

  test('reports every problem of every entry once', () => {
    const { problems } = read([
      { hostName: 7, tier: 'S9', units: 201, limts: {} },
      { hostName: 'localhost', budgetPercent: 0.5, paused: 'yes', limits: { queriesPerMinute: 0, other: 1 } },
      'c.azure-devices.net',
      {},
    ]);
    expect(problems).toEqual([
      'HUBS[0].hostName: write the host name, such as "contoso.azure-devices.net"',
      'HUBS[0]: has the unknown key limts: did you mean limits?',
      'HUBS[0].tier: write one of F1, B1, B2, B3, S1, S2, S3; for a newer tier, the one with the same limits',
      'HUBS[0].units: write a whole number from 1 to 200',
      'HUBS[1].budgetPercent: write a whole number from 1 to 100',
      'HUBS[1].paused: write true or false',
      'HUBS[1].limits.queriesPerMinute: write a number above 0',
      'HUBS[1].limits: has the unknown key other: write one of registryOpsPerMinute, queriesPerMinute, twinReadsPerSecond, twinWritesPerSecond',
      'HUBS[1].name: the host name contains no hub name; write the name that the events of the hub have (data.hubName)',
      expect.stringMatching(/^HUBS\[2\]: write an object with name, eventName, hostName/),
      'HUBS[3].hostName: write the host name, such as contoso.azure-devices.net',
    ]);
  });

  test('does not also report a misspelt host name as missing', () => {
    expect(read([{ hostname: 'a.azure-devices.net', units: 0 }]).problems).toEqual([
      'HUBS[0]: has the unknown key hostname: did you mean hostName?',
      'HUBS[0].units: write a whole number from 1 to 200',
    ]);
  });

  test('refuses two entries with one host or with one name', () => {
    const { problems } = read([
      { hostName: 'a.azure-devices.net' },
      { hostName: 'A.azure-devices.net', name: 'other' },
      { hostName: 'a.azure-devices.cn' },
      { hostName: 'c.azure-devices.net', name: 'A' },
    ]);
    expect(problems).toEqual([
      'HUBS[1].hostName: is also in HUBS[0]; write every hub only once',
      'HUBS[2].name: is also in HUBS[0]; give every hub its own name',
      'HUBS[3].name: is also in HUBS[0]; give every hub its own name',
    ]);
  });

  test('refuses a connection string and a host name of two hubs', () => {
    const { problems } = read([{ hostName: 'a.azure-devices.net', connectionString }]);
    expect(problems).toEqual(['HUBS[0].hostName: is not the host of HUBS[0].connectionString; leave one of them out']);
  });

  test.each(['x', '{}', '[]', '7', 'null', '[{"hostName":"a.b"}'])('refuses %s with one problem', (text) => {
    expect(read(text).problems).toEqual([expect.stringMatching(/^HUBS: (is not JSON|write a list)/)]);
  });

  test('reports the position of a JSON syntax error', () => {
    expect(read('[\n{"hostName" "a"}]').problems[0]).toContain('line 2, column 13');
  });

  test('refuses more units than the tier has, with the largest number', () => {
    const hub = { hostName: 'a.azure-devices.net' };
    expect(read([{ ...hub, tier: 'F1', units: 2 }]).problems[0]).toContain('has 1 unit');
    expect(read([{ ...hub, tier: 'S3', units: 11 }]).problems[0]).toContain('from 1 to 10');
    expect(read([{ ...hub, tier: 'B3', units: 10 }]).problems).toEqual([]);
    expect(read([{ ...hub, tier: 'S1', units: 1.5 }]).problems[0]).toContain('from 1 to 200');
  });

  test.each([
    ['a tier that is new to us', { hostName: 'b.azure-devices.net', tier: 'GEN2' }, 'b', 'HUBS[1].tier'],
    ['an unknown key', { hostName: 'b.azure-devices.net', unit: 2 }, 'b', 'HUBS[1]'],
    ['a key of another hub', { hostName: 'b.azure-devices.net', name: 'a' }, 'a', 'HUBS[1].name'],
    ['the host of another hub', { hostName: 'A.azure-devices.net', name: 'c' }, 'c', 'HUBS[1].hostName'],
    ['no host name', { name: 'c' }, 'c', 'HUBS[1].hostName'],
    ['a wrong host name', { name: 'c', hostName: 'https://c.net' }, 'c', 'HUBS[1].hostName'],
    ['an illegal name', { name: 'c--d', hostName: 'c.azure-devices.net' }, undefined, 'HUBS[1].name'],
    ['the sample host', { hostName: 'your-hub.azure-devices.net' }, 'your-hub', 'HUBS[1].hostName'],
    ['an illegal name in events', { hostName: 'c.azure-devices.net', eventName: 'c.d' }, 'c', 'HUBS[1].eventName'],
    ['no object', 'b.azure-devices.net', undefined, 'HUBS[1]'],
  ])('takes only the hub with %s out of service', (_what, wrong, name, setting) => {
    const { hubs, outOfService, reported } = readAll([{ hostName: 'a.azure-devices.net' }, wrong]);
    expect(hubs.map((hub) => hub.name)).toEqual(['a']);
    expect(outOfService).toEqual([{ name, problems: [expect.stringContaining(`${setting}: `)] }]);
    expect(reported).toEqual([]);
  });

  test('reports the problems of all hubs if none is left', () => {
    const { outOfService, reported } = readAll([{ hostName: 'a' }, { hostName: 'b.azure-devices.net', tier: 'GEN2' }]);
    expect(reported).toEqual(outOfService.flatMap(({ problems }) => problems));
    expect(reported).toHaveLength(2);
  });

  test.each([
    [{ hostName: 'Contoso--EU.azure-devices.net' }, 'contoso-eu', 'contoso--eu'],
    [{ hostName: 'contoso-eu.azure-devices.net' }, 'contoso-eu', undefined],
    [{ hostName: 'contoso.azure-devices.net', name: 'eu' }, 'eu', 'contoso'],
    [{ hostName: 'contoso.azure-devices.net', name: 'eu', eventName: 'Other' }, 'eu', 'other'],
    [{ hostName: 'contoso.service.azure-devices.net' }, 'contoso', undefined],
    [{ hostName: 'localhost:8443', name: 'test' }, 'test', undefined],
    [{ hostName: 'emulator:8443', name: 'test' }, 'test', undefined],
    [{ hostName: '127.0.0.1:8443', name: 'test', eventName: 'contoso--eu' }, 'test', 'contoso--eu'],
  ])('gives the hub %j the key %s, and the name %s in events', (entry, name, eventName) => {
    const { hubs, problems } = read([entry]);
    expect(problems).toEqual([]);
    expect(hubs.map((hub) => [hub.name, hub.eventName])).toEqual([[name, eventName]]);
  });

  test('asks for a name where two hubs have one key', () => {
    const { outOfService } = readAll([
      { hostName: 'contoso-eu.azure-devices.net' },
      { hostName: 'contoso--eu.azure-devices.net' },
    ]);
    expect(outOfService[0]?.problems).toEqual(['HUBS[1].name: is also in HUBS[0]; give every hub its own name']);
  });

  test('refuses two hubs with one name in events', () => {
    const { outOfService } = readAll([
      { hostName: 'a.azure-devices.net' },
      { hostName: 'a.azure-devices.cn', name: 'b' },
    ]);
    expect(outOfService[0]?.problems).toEqual([
      'HUBS[1].eventName: is also in HUBS[0]; every hub has its own name in events',
    ]);
  });

  test('says of a Key Vault reference inside HUBS that nobody resolves it there', () => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/hub)';
    expect(read([{ hostName: 'a.azure-devices.net', connectionString: reference }]).problems[0]).toContain(
      'HUBS[0].connectionString: is a Key Vault reference, which the platform resolves only as the whole value',
    );
  });
});

test('hubsByEventName finds hubs by key and by name in events, those in service first', () => {
  const hub = (name: string, eventName?: string) => ({
    ...hubConfig({ name }),
    ...(eventName === undefined ? {} : { eventName }),
  });
  const out = [{ name: 'us', problems: [] }, { problems: [] }, { name: 'eu', eventName: 'west', problems: [] }];
  const found = hubsByEventName([hub('eu', 'contoso--eu'), hub('west', 'fabrikam'), hub('fabrikam', 'north')], out);
  expect(Object.fromEntries(found)).toEqual({
    us: 'us',
    eu: 'eu',
    'contoso--eu': 'eu',
    west: 'eu',
    fabrikam: 'west',
    north: 'fabrikam',
  });
});
