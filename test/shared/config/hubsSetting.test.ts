import { describe, expect, test } from '@jest/globals';
import type { HubConfig } from '../../../shared/config/config.ts';
import { readHubs } from '../../../shared/config/hubsSetting.ts';

function read(hubs: unknown): { hubs: HubConfig[]; problems: string[] } {
  const problems: string[] = [];
  const text = typeof hubs === 'string' ? hubs : JSON.stringify(hubs);
  return { hubs: readHubs(text, 50, (setting, message) => problems.push(`${setting}: ${message}`)), problems };
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
      'HUBS[0].tier: write one of F1, B1, B2, B3, S1, S2, S3',
      'HUBS[0].units: write a whole number from 1 to 200',
      'HUBS[1].budgetPercent: write a whole number from 1 to 100',
      'HUBS[1].paused: write true or false',
      'HUBS[1].limits.queriesPerMinute: write a number above 0',
      'HUBS[1].limits: has the unknown key other: write one of registryOpsPerMinute, queriesPerMinute, twinReadsPerSecond, twinWritesPerSecond',
      'HUBS[1].name: the host name contains no hub name; write the name that the events of the hub have (data.hubName)',
      expect.stringMatching(/^HUBS\[2\]: write an object with name, hostName/),
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
});
