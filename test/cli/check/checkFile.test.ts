import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkText, kindOf } from '../../../cli/check/checkFile.ts';

const key = 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=';
const connectionString = `HostName=contoso.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`;
const settings = (values: object) =>
  JSON.stringify({ IsEncrypted: false, Values: { AzureWebJobsStorage: 'UseDevelopmentStorage=true', ...values } });

describe('kindOf', () => {
  test.each([
    [settings({}), 'settings'],
    ['[{"hostName":"contoso.azure-devices.net"}]', 'hubs'],
    ['[{"name":"contoso","resourceGroup":"group"}]', 'deployedHubs'],
    ['[{"moduleId":"agent"}]', 'policy'],
    ['[]', undefined],
    ['{}', undefined],
    ['{"HUBS":"[]"}', 'settings'],
    ['[', undefined],
    ['null', undefined],
  ])('returns for the text %s the kind %s', (text, kind) => {
    expect(kindOf(text)).toBe(kind);
  });

  test.each([
    ['infra/hubs.json', 'deployedHubs'],
    ['local.settings.sample.json', 'settings'],
  ])('returns for the file %s the kind %s', (file, kind) => {
    expect(kindOf(readFileSync(file, 'utf8'))).toBe(kind);
  });
});

describe('checkText', () => {
  test('says what valid settings make the app do', () => {
    const { problems, warnings, says } = checkText(
      'settings',
      settings({ IOTHUB_CONNECTION_STRING: connectionString, HUB_TIER: 'S2', HUB_UNITS: 3 }),
      undefined,
    );
    expect({ problems, warnings }).toEqual({ problems: [], warnings: [] });
    expect(says).toEqual([
      'hub contoso: contoso.azure-devices.net, tier S2 × 3, 50 % of its throttle, by a SAS key',
      expect.stringContaining('policy DefenderIotMicroAgent: created where it is missing'),
    ]);
  });

  test('reports the placeholder of the hub in the sample settings', () => {
    const { problems } = checkText('settings', readFileSync('local.settings.sample.json', 'utf8'), undefined);
    expect(problems).toEqual([expect.objectContaining({ setting: 'IOTHUB_CONNECTION_STRING' })]);
  });

  test.each([
    [
      'settings',
      'HUB_TEIR',
      'did you mean HUB_TIER?',
      settings({ HUB_TEIR: 'S1', IOTHUB_CONNECTION_STRING: connectionString }),
    ],
    [
      'settings',
      'HUBS[0].tier',
      'write one of F1',
      settings({ HUBS: '[{"hostName":"a.azure-devices.net","tier":"S9"}]' }),
    ],
    [
      'settings',
      'POLICY[0].moduleId',
      'write',
      settings({ IOTHUB_HOSTNAME: 'contoso', POLICY: '[{"moduleId":"a b"}]' }),
    ],
    ['settings', 'IsEncrypted', 'func settings decrypt', '{"IsEncrypted":true,"Values":{}}'],
    ['settings', '', 'move HUB_TIER into Values', '{"HUB_TIER":"S1"}'],
    ['settings', 'Values.HUBS', 'text in double quotes', '{"Values":{"HUBS":[]}}'],
    [
      'hubs',
      '[1].hostName',
      'is also in HUBS[0]',
      '[{"hostName":"a.azure-devices.net"},{"hostName":"A.azure-devices.net"}]',
    ],
    ['hubs', '[0].units', 'whole number', '[{"hostName":"a.azure-devices.net","units":0}]'],
    ['hubs', '', 'is not JSON', ''],
    ['hubs', '', 'is not JSON', '['],
    ['deployedHubs', '[0].resourceGroup', 'resource group', '[{"name":"a-hub"}]'],
    ['deployedHubs', '[0]', 'did you mean tier?', '[{"name":"a-hub","resourceGroup":"g","tierr":"S1"}]'],
    ['deployedHubs', '[0].name', 'write the name of the hub', '[{"resourceGroup":"g"}]'],
    ['policy', '[0].select.edge', 'write true or false', '[{"moduleId":"a","select":{"edge":"no"}}]'],
    ['policy', '', 'is not JSON', ''],
  ] as const)('reports for %s a problem of "%s": %s', (kind, setting, message, text) => {
    const { problems, says } = checkText(kind, text, undefined);
    expect(problems).toContainEqual({ setting, message: expect.stringContaining(message) });
    expect(says).toEqual([]);
    expect(JSON.stringify(problems)).not.toContain(key);
  });

  test.each([
    ['hubs', '[{"hostName":"a.azure-devices.net"}]'],
    ['deployedHubs', '[{"name":"a-hub","resourceGroup":"g","writesTwins":true,"units":2}]'],
    ['policy', '[{"moduleId":"agent"}]'],
  ] as const)('reports no problem for %s: %s', (kind, text) => {
    expect(checkText(kind, text, undefined)).toMatchObject({ problems: [], says: [expect.any(String)] });
  });

  test('limits SLICE_SECONDS by the function timeout of host.json', () => {
    const { problems } = checkText(
      'settings',
      settings({ IOTHUB_CONNECTION_STRING: connectionString, SLICE_SECONDS: '240' }),
      '{"functionTimeout":"00:02:00"}',
    );
    expect(problems).toEqual([{ setting: 'SLICE_SECONDS', message: 'write a whole number from 1 to 60' }]);
  });
});
