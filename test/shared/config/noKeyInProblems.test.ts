import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { readConfig } from '../../../shared/config/readConfig.ts';
import { type SettingName, settingNames } from '../../../shared/config/settingNames.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';

const key = Buffer.from('a key that nobody may ever see').toString('base64');
const connectionString = `HostName=Contoso.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`;
const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

describe('readConfig with any environment', () => {
  const text = fc.oneof(
    fc.constantFrom(
      '',
      'S3',
      '5',
      '[{}]',
      '{"hostName":1}',
      'null',
      connectionString,
      `[{"connectionString":"${connectionString}"`,
    ),
    fc.string({ unit: 'binary' }),
    fc.json(),
  );
  /** The key in every place where a user could put it by mistake. */
  const leak = fc.oneof(
    fc.constantFrom(
      key,
      connectionString,
      connectionString.replace('HostName', 'Hostname'),
      connectionString.replace('Contoso', 'https://Contoso'),
      connectionString.replace('HostName=Contoso.azure-devices.net', 'HostName='),
      `Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=${key};EntityPath=x`,
      `HostName=x;DeviceId=y;SharedAccessKey=${key}`,
      `DefaultEndpointsProtocol=https;AccountName=A;AccountKey=${key}`,
      `[{"hostName":"${connectionString}","name":"${key}","tier":"${key}","units":"${key}"}]`,
      `[{"connectionString":"${connectionString}","${key}":1,"limits":{"${key}":1}}]`,
      `[{"connectionString":"${connectionString}"},{"connectionString":"${connectionString}"}`,
      `[{"moduleId":"${key}"},{"moduleId":"${key}","twin":{"tags":{"${key}":null,"a b":"${key}"}}}]`,
      `[{"moduleId":"a","select":{"tags":{"${key}":[]},"deviceIds":["${key}\\\\"]}}]`,
      `{"${key}":1}`,
    ),
    text.map((before) => before + key),
    text.map((after) => key + after),
  );
  const values = Object.fromEntries(
    settingNames.map((name) => [name, fc.option(fc.oneof(text, leak), { nil: undefined })]),
  );
  const settings: fc.Arbitrary<Partial<Record<SettingName, string | undefined>>> = fc.record(values);
  const others = fc.dictionary(fc.string({ unit: 'binary' }), leak);

  test('returns a result, and no problem contains a key', () => {
    fc.assert(
      fc.property(settings, others, (ours, theirs) => {
        const result = readConfig({ ...theirs, ...ours });
        if (result.ok) return !JSON.stringify([result.config.warnings, result.config.outOfService]).includes(key);
        return result.problems.length > 0 && !JSON.stringify(result.problems).includes(key);
      }),
      propertyRuns(1_000),
    );
  });

  test('reports one invalid setting in a valid configuration under its own name, without its value', () => {
    const good: Record<string, string> = { ...storage, IOTHUB_CONNECTION_STRING: connectionString };
    fc.assert(
      fc.property(fc.constantFrom(...settingNames), leak, (setting, value) => {
        const result = readConfig({ ...good, [setting]: value });
        if (result.ok) return true;
        const texts = result.problems.map((problem) => `${problem.setting}: ${problem.message}`);
        return texts.some((line) => line.startsWith(setting)) && !texts.some((line) => line.includes(key));
      }),
      propertyRuns(1_000),
    );
  });
});
