import { describe, expect, test } from '@jest/globals';
import type { Config, ConfigProblem } from '../../../shared/config/config.ts';
import { readConfig } from '../../../shared/config/readConfig.ts';
import { settingNames } from '../../../shared/config/settingNames.ts';
import { defaultSweepSchedule } from '../../../shared/config/sweepSchedule.ts';

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
  test('needs only a connection string; every other setting has a default', () => {
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
      storage: { kind: 'connectionString', connectionString: 'UseDevelopmentStorage=true' },
      sliceSeconds: 240,
      functionTimeoutSeconds: 600,
      outOfService: [],
      warnings: [],
    });
  });

  test('uses managed identity if only a host name is set', () => {
    const [hub] = configOf({ IOTHUB_HOSTNAME: 'contoso.azure-devices.net' }).hubs;
    expect(hub).toMatchObject({ name: 'contoso', hostName: 'contoso.azure-devices.net', auth: { kind: 'entra' } });
  });

  test('takes the name of an emulated hub from HUB_NAME, in lower case', () => {
    const [hub] = configOf({
      IOTHUB_HOSTNAME: 'localhost:8443',
      HUB_NAME: 'Contoso',
      HUB_TIER: 's3',
      HUB_UNITS: '2',
    }).hubs;
    expect(hub).toMatchObject({ name: 'contoso', hostName: 'localhost:8443', tier: 'S3', units: 2 });
    expect(hub?.limits.registryOpsPerMinute).toBe(10_000);
  });

  test('prefers POLICY to MODULE_ID', () => {
    const env = { IOTHUB_CONNECTION_STRING: connectionString, MODULE_ID: 'a' };
    const modules = (more: Record<string, string>) =>
      configOf({ ...env, ...more }).policySetting?.policy.map(({ moduleId }) => moduleId);
    expect(modules({})).toEqual(['a']);
    expect(modules({ POLICY: '[{"moduleId":"b"},{"moduleId":"c"}]' })).toEqual(['b', 'c']);
  });

  test.each(['', 'DefenderIotMicroAgent'])('takes MODULE_ID=%s for no choice of a policy', (MODULE_ID) => {
    const env = { IOTHUB_CONNECTION_STRING: connectionString, MODULE_ID };
    expect(configOf(env).policySetting).toBeUndefined();
    const POLICY = '[{"moduleId":"DefenderIotMicroAgent","select":{"edge":true}}]';
    expect(configOf({ ...env, POLICY }).policySetting).toMatchObject({
      policy: [{ select: { edge: true }, stop: { maxFailurePercent: 10 } }],
      written: JSON.parse(POLICY),
    });
  });

  test('ignores empty settings and settings of white space, and removes white space around a value', () => {
    const empty = Object.fromEntries(settingNames.map((name) => [name, '']));
    const env = { ...empty, HUBS: '  ', IOTHUB_CONNECTION_STRING: ` ${connectionString}\n`, ...storage };
    expect(configOf(env)).toEqual(configOf({ IOTHUB_CONNECTION_STRING: connectionString }));
  });

  test('reports hub and storage as missing if no setting is set', () => {
    expect(problemsOf({ AzureWebJobsStorage: undefined }).map(({ setting }) => setting)).toEqual([
      'IOTHUB_CONNECTION_STRING',
      'AzureWebJobsStorage',
    ]);
  });

  test('reports every problem, not only the first', () => {
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
  ] as const)('refuses %s=%s with the bounds of the setting', (setting, value) => {
    const [problem, ...more] = problemsOf({ IOTHUB_CONNECTION_STRING: connectionString, [setting]: value });
    expect(more).toEqual([]);
    expect(problem).toMatchObject({ setting, message: expect.stringMatching(/^write a whole number from 1 to \d+$/) });
  });

  test('refuses the settings of a single hub together with HUBS', () => {
    const hubs = '[{"hostName":"contoso.azure-devices.net"}]';
    const problems = problemsOf({ HUBS: hubs, IOTHUB_HOSTNAME: 'contoso.azure-devices.net', HUB_TIER: 'S1' });
    expect(problems.map(({ setting }) => setting)).toEqual(['IOTHUB_HOSTNAME', 'HUB_TIER']);
    expect(configOf({ HUBS: hubs, HUB_BUDGET_PERCENT: '20' }).hubs[0]?.budgetPercent).toBe(20);
  });

  test('serves the other hubs without one that has problems', () => {
    const config = configOf({
      HUBS: '[{"hostName":"a.azure-devices.net"},{"hostName":"b.azure-devices.net","tier":"GEN2"}]',
    });
    expect(config.hubs.map(({ name }) => name)).toEqual(['a']);
    expect(config.outOfService).toEqual([
      { name: 'b', problems: [{ setting: 'HUBS[1].tier', message: expect.stringContaining('for a newer tier') }] },
    ]);
  });

  test('takes the name in events from HUB_EVENT_NAME', () => {
    const env = { IOTHUB_CONNECTION_STRING: connectionString, HUB_EVENT_NAME: 'Contoso--EU' };
    expect(configOf(env).hubs[0]).toMatchObject({ name: 'contoso', eventName: 'contoso--eu' });
    expect(problemsOf({ ...env, HUB_EVENT_NAME: 'a.b' }).map(({ setting }) => setting)).toEqual(['HUB_EVENT_NAME']);
  });

  test('warns of a MODULE_ID that POLICY leaves out, and not of the default', () => {
    const env = { IOTHUB_CONNECTION_STRING: connectionString, POLICY: '[{"moduleId":"b"}]' };
    const warnings = (MODULE_ID: string) => configOf({ ...env, MODULE_ID }).warnings.map(({ setting }) => setting);
    expect(warnings('a')).toEqual(['MODULE_ID']);
    for (const silent of ['b', '', 'DefenderIotMicroAgent']) expect(warnings(silent)).toEqual([]);
  });

  test.each(settingNames)('says of an unresolved Key Vault reference in %s what it is', (setting) => {
    const reference = '@Microsoft.KeyVault(SecretUri=https://vault.vault.azure.net/secrets/secret/)';
    const hub =
      setting === 'HUBS' || setting.startsWith('IOTHUB') ? {} : { IOTHUB_HOSTNAME: 'contoso.azure-devices.net' };
    const problems = problemsOf({
      ...hub,
      ...(setting.startsWith('AzureWebJobsStorage_') ? { AzureWebJobsStorage: '' } : {}),
      [setting]: reference,
    });
    const own = problems.filter((problem) => problem.setting === setting);
    expect(own).toEqual([
      { setting, message: expect.stringContaining('Key Vault reference that the platform did not resolve') },
    ]);
  });

  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY'])(
    'warns of %s, which most calls do not use',
    (name) => {
      const { warnings } = configOf({
        IOTHUB_CONNECTION_STRING: connectionString,
        [name]: 'http://user:secret@proxy:3128',
      });
      expect(warnings).toEqual([{ setting: name, message: expect.stringContaining('NO_PROXY') }]);
      expect(JSON.stringify(warnings)).not.toContain('secret');
    },
  );

  test.each([
    ['IOTHUB_CONNECTION_STRING', connectionString.replace('Contoso', 'your-hub')],
    ['IOTHUB_CONNECTION_STRING', connectionString.replace(key, 'cmVwbGFjZS13aXRoLXRoZS1rZXktb2YteW91ci1odWI=')],
    ['IOTHUB_HOSTNAME', 'your-hub.azure-devices.net'],
  ])('refuses the placeholder of the sample in %s', (setting, value) => {
    expect(problemsOf({ [setting]: value })).toEqual([{ setting, message: expect.stringContaining('placeholder') }]);
  });

  test('returns the schedule to register, also if settings are invalid', () => {
    expect(readConfig({}).sweepSchedule).toBe(defaultSweepSchedule);
    expect(readConfig({ SWEEP_SCHEDULE: ' ' }).sweepSchedule).toBe(defaultSweepSchedule);
    const set = readConfig({ SWEEP_SCHEDULE: '0 0 3 * * *' });
    expect([set.sweepSchedule, set.sweepTimer]).toEqual(['0 0 3 * * *', '%SWEEP_SCHEDULE%']);
    expect(readConfig({}).sweepTimer).toBe(defaultSweepSchedule);
  });
});
