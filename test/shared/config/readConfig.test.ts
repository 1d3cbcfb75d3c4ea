import { describe, expect, test } from '@jest/globals';
import type { Config, ConfigProblem } from '../../../shared/config/config.ts';
import { readConfig } from '../../../shared/config/readConfig.ts';
import { settingNames } from '../../../shared/config/settingNames.ts';

const key = Buffer.from('a key that nobody may ever see').toString('base64');
const connectionString = `HostName=Contoso.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`;
const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

function configOf(env: Record<string, string>): Config {
  const result = readConfig({ ...storage, ...env });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config;
}

function problemsOf(env: Record<string, string | undefined>): readonly ConfigProblem[] {
  const result = readConfig({ ...storage, ...env });
  return result.ok ? [] : result.problems;
}

describe('readConfig', () => {
  test('a connection string is enough; everything else has its default', () => {
    expect(configOf({ IOTHUB_CONNECTION_STRING: connectionString })).toEqual({
      hubs: [
        {
          name: 'contoso',
          hostName: 'Contoso.azure-devices.net',
          auth: { kind: 'sas', connectionString },
          tier: 'S1',
          units: 1,
          budgetPercent: 50,
          paused: false,
          limits: { registryOpsPerMinute: 100, queriesPerMinute: 20, twinReadsPerSecond: 100, twinWritesPerSecond: 50 },
        },
      ],
      policy: [
        {
          moduleId: 'DefenderIotMicroAgent',
          ensure: 'present',
          authentication: 'inherit',
          twin: { mode: 'seed' },
          select: { edge: false },
          stop: { maxFailurePercent: 10 },
        },
      ],
      storage: { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
      sliceSeconds: 240,
    });
  });

  test('a host name alone means managed identity', () => {
    const [hub] = configOf({ IOTHUB_HOSTNAME: 'contoso.azure-devices.net' }).hubs;
    expect(hub).toMatchObject({ name: 'contoso', hostName: 'contoso.azure-devices.net', auth: { kind: 'entra' } });
  });

  test('a hub behind an emulator has its name from HUB_NAME, in lower case', () => {
    const [hub] = configOf({
      IOTHUB_HOSTNAME: 'localhost:8443',
      HUB_NAME: 'Contoso',
      HUB_TIER: 's3',
      HUB_UNITS: '2',
    }).hubs;
    expect(hub).toMatchObject({ name: 'contoso', hostName: 'localhost:8443', tier: 'S3', units: 2 });
    expect(hub?.limits.registryOpsPerMinute).toBe(10_000);
  });

  test('POLICY takes the place of MODULE_ID', () => {
    const env = { IOTHUB_CONNECTION_STRING: connectionString, MODULE_ID: 'a' };
    expect(configOf(env).policy.map(({ moduleId }) => moduleId)).toEqual(['a']);
    const policy = configOf({ ...env, POLICY: '[{"moduleId":"b"},{"moduleId":"c"}]' }).policy;
    expect(policy.map(({ moduleId }) => moduleId)).toEqual(['b', 'c']);
  });

  test('empty and blank settings count as not set, and blanks around a value are taken off', () => {
    const empty = Object.fromEntries(settingNames.map((name) => [name, '']));
    const env = { ...empty, HUBS: '  ', IOTHUB_CONNECTION_STRING: ` ${connectionString}\n`, ...storage };
    expect(configOf(env)).toEqual(configOf({ IOTHUB_CONNECTION_STRING: connectionString }));
  });

  test('nothing at all is answered with what to write first', () => {
    expect(problemsOf({ AzureWebJobsStorage: undefined }).map(({ setting }) => setting)).toEqual([
      'IOTHUB_CONNECTION_STRING',
      'AzureWebJobsStorage',
    ]);
  });

  test('every problem is reported, not only the first', () => {
    const problems = problemsOf({
      HUB_BUDGET_PRECENT: '40',
      HUB_BUDGET_PERCENT: '101',
      IOTHUB_HOSTNAME: 'https://contoso.azure-devices.net/',
      HUB_NAME: 'con--toso',
      HUB_TIER: 'S4',
      HUB_UNITS: '0',
      MODULE_ID: '$edgeHub',
      SWEEP_SCHEDULE: '0 2 * * *',
      SLICE_SECONDS: '541',
      AzureWebJobsStorage: 'x',
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'x',
    });
    expect(problems.map(({ setting }) => setting)).toEqual([
      'HUB_BUDGET_PRECENT',
      'HUB_BUDGET_PERCENT',
      'IOTHUB_HOSTNAME',
      'HUB_NAME',
      'HUB_TIER',
      'HUB_UNITS',
      'MODULE_ID',
      'SWEEP_SCHEDULE',
      'SLICE_SECONDS',
      'AzureWebJobsStorage',
      'APPLICATIONINSIGHTS_CONNECTION_STRING',
    ]);
  });

  test.each([
    ['HUB_BUDGET_PERCENT', '0'],
    ['HUB_BUDGET_PERCENT', '12.5'],
    ['HUB_BUDGET_PERCENT', '1e1'],
    ['SLICE_SECONDS', '0'],
    ['SLICE_SECONDS', '-1'],
    ['HUB_UNITS', '201'],
    ['HUB_UNITS', 'two'],
  ] as const)('%s=%s is refused with its bounds', (setting, value) => {
    const [problem, ...more] = problemsOf({ IOTHUB_CONNECTION_STRING: connectionString, [setting]: value });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ setting, message: expect.stringMatching(/^write a whole number from 1 to \d+$/) });
  });

  test('the single-hub settings cannot stand beside HUBS', () => {
    const hubs = '[{"hostName":"contoso.azure-devices.net"}]';
    const problems = problemsOf({ HUBS: hubs, IOTHUB_HOSTNAME: 'contoso.azure-devices.net', HUB_TIER: 'S1' });
    expect(problems.map(({ setting }) => setting)).toEqual(['IOTHUB_HOSTNAME', 'HUB_TIER']);
    expect(configOf({ HUBS: hubs, HUB_BUDGET_PERCENT: '20' }).hubs[0]?.budgetPercent).toBe(20);
  });
});
