import { describe, expect, test } from '@jest/globals';
import { pickSettings } from '../../../shared/config/settings.ts';
import { readTelemetry } from '../../../shared/config/telemetrySetting.ts';

const key = '11111111-2222-3333-4444-555555555555';
const connectionString = `InstrumentationKey=${key}`;

function read(APPLICATIONINSIGHTS_CONNECTION_STRING?: string, APPLICATIONINSIGHTS_AUTHENTICATION_STRING?: string) {
  const problems: string[] = [];
  const settings = pickSettings({ APPLICATIONINSIGHTS_CONNECTION_STRING, APPLICATIONINSIGHTS_AUTHENTICATION_STRING });
  const telemetry = readTelemetry(settings, (setting, message) => problems.push(`${setting}: ${message}`));
  return { telemetry, problems };
}

describe('APPLICATIONINSIGHTS_CONNECTION_STRING', () => {
  test.each([
    connectionString,
    `instrumentationkey=${key};IngestionEndpoint=https://x.in.applicationinsights.azure.com/;`,
  ])('%s is accepted', (value) => {
    expect(read(value)).toEqual({ telemetry: { connectionString: value }, problems: [] });
  });

  test('is optional: without it there is no telemetry', () => {
    expect(read()).toEqual({ telemetry: undefined, problems: [] });
    expect(read(undefined, 'Authorization=AAD')).toEqual({ telemetry: undefined, problems: [] });
  });

  test.each([
    key,
    'InstrumentationKey=x',
    'IngestionEndpoint=https://x/',
    `InstrumentationKey=${key};IngestionEndpoint=x`,
  ])('%s is refused', (value) => {
    const { problems } = read(value);
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain(key);
  });
});

describe('APPLICATIONINSIGHTS_AUTHENTICATION_STRING', () => {
  test.each([
    ['Authorization=AAD', {}],
    ['authorization=aad;', {}],
    [`ClientId=${key};Authorization=AAD`, { clientId: key }],
  ])('%s is accepted', (value, entra) => {
    expect(read(connectionString, value)).toEqual({ telemetry: { connectionString, entra }, problems: [] });
  });

  test.each(['AAD', 'Authorization=Basic', `ClientId=${key}`, 'ClientId=;Authorization=AAD'])(
    '%s is refused',
    (value) => {
      const { problems } = read(connectionString, value);
      expect(problems).toEqual([expect.stringMatching(/^APPLICATIONINSIGHTS_AUTHENTICATION_STRING: /)]);
      expect(problems.join()).not.toContain(key);
    },
  );
});
