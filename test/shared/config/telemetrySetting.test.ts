import { describe, expect, test } from '@jest/globals';
import { checkTelemetry } from '../../../shared/config/telemetrySetting.ts';

function problemsOf(value: string | undefined): string[] {
  const problems: string[] = [];
  checkTelemetry(value, (setting, message) => problems.push(`${setting}: ${message}`));
  return problems;
}

const key = '11111111-2222-3333-4444-555555555555';

describe('APPLICATIONINSIGHTS_CONNECTION_STRING', () => {
  test.each([
    undefined,
    `InstrumentationKey=${key}`,
    `instrumentationkey=${key};IngestionEndpoint=https://x.in.applicationinsights.azure.com/;`,
  ])('%s is taken', (value) => {
    expect(problemsOf(value)).toEqual([]);
  });

  test.each([
    key,
    'InstrumentationKey=x',
    'IngestionEndpoint=https://x/',
    `InstrumentationKey=${key};IngestionEndpoint=x`,
  ])('%s is refused', (value) => {
    const problems = problemsOf(value);
    expect(problems).toHaveLength(1);
    expect(problems.join()).not.toContain(key);
  });
});
