import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../../../shared/config/readConfig.ts';

const base = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', IOTHUB_HOSTNAME: 'contoso.azure-devices.net' };
const key = Buffer.from('a key that nobody may see').toString('base64');
const endpoint = 'Endpoint=sb://ihsuprodamres001dednamespace.servicebus.windows.net/;SharedAccessKeyName=service';
const builtIn = `${endpoint};SharedAccessKey=${key};EntityPath=iothub-ehub-contoso-1-abc`;
const namespace = 'TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace';
const read = (env: Record<string, string>) => readConfig({ ...base, ...env });

function problemsOf(env: Record<string, string>): string[] {
  const result = read(env);
  expect(JSON.stringify(result)).not.toContain(key);
  return result.ok ? [] : result.problems.map(({ setting }) => setting);
}

describe('the trigger for twin changes', () => {
  test('is not there without its settings, or with a consumer group alone', () => {
    expect(read({})).not.toHaveProperty('twinChanges');
    expect(read({ TWIN_CHANGES_CONSUMER_GROUP: 'keeper', TWIN_CHANGES_CONNECTION: ' ' })).not.toHaveProperty(
      'twinChanges',
    );
  });

  test('takes the event hub from the connection string of a built-in endpoint', () => {
    expect(read({ TWIN_CHANGES_CONNECTION: builtIn })).toMatchObject({
      ok: true,
      twinChanges: { eventHub: 'iothub-ehub-contoso-1-abc', consumerGroup: 'module-keeper' },
    });
  });

  test('takes event hub and consumer group from their settings with managed identity', () => {
    const env = {
      [namespace]: 'contoso.servicebus.windows.net',
      TWIN_CHANGES_CONNECTION__credential: 'managedidentity',
      TWIN_CHANGES_CONNECTION__clientId: '11111111-2222-3333-4444-555555555555',
      TWIN_CHANGES_EVENT_HUB: 'changes',
      TWIN_CHANGES_CONSUMER_GROUP: '$Default',
    };
    const result = read(env);
    expect(result).toMatchObject({ ok: true, twinChanges: { eventHub: 'changes', consumerGroup: '$Default' } });
    expect(result.ok && result.config.warnings).toEqual([]);
  });

  test('is there although other settings have problems: its events wait until they are corrected', () => {
    expect(read({ TWIN_CHANGES_CONNECTION: builtIn, SLICE_SECONDS: 'x' })).toMatchObject({
      ok: false,
      twinChanges: { eventHub: 'iothub-ehub-contoso-1-abc' },
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ['an event hub without a connection', { TWIN_CHANGES_EVENT_HUB: 'changes' }, 'TWIN_CHANGES_EVENT_HUB'],
    ['text', { TWIN_CHANGES_CONNECTION: key, TWIN_CHANGES_EVENT_HUB: 'a' }, 'TWIN_CHANGES_CONNECTION'],
    [
      'the connection string of the hub itself',
      {
        TWIN_CHANGES_CONNECTION: `HostName=contoso.azure-devices.net;SharedAccessKeyName=o;SharedAccessKey=${key}`,
        TWIN_CHANGES_EVENT_HUB: 'a',
      },
      'TWIN_CHANGES_CONNECTION',
    ],
    ['no key', { TWIN_CHANGES_CONNECTION: `${endpoint};EntityPath=a` }, 'TWIN_CHANGES_CONNECTION'],
    ['no event hub', { [namespace]: 'contoso.servicebus.windows.net' }, namespace],
    [
      'an event hub with a space',
      { TWIN_CHANGES_CONNECTION: `${endpoint};SharedAccessKey=${key}`, TWIN_CHANGES_EVENT_HUB: 'a b' },
      'TWIN_CHANGES_EVENT_HUB',
    ],
    [
      'another event hub than that of the connection string',
      { TWIN_CHANGES_CONNECTION: builtIn, TWIN_CHANGES_EVENT_HUB: 'changes' },
      'TWIN_CHANGES_EVENT_HUB',
    ],
    [
      'a namespace with a scheme',
      { [namespace]: 'sb://contoso.servicebus.windows.net', TWIN_CHANGES_EVENT_HUB: 'a' },
      namespace,
    ],
    [
      'a consumer group with a slash',
      { TWIN_CHANGES_CONNECTION: builtIn, TWIN_CHANGES_CONSUMER_GROUP: 'a/b' },
      'TWIN_CHANGES_CONSUMER_GROUP',
    ],
    [
      'a client id that is none',
      { [namespace]: 'c.servicebus.windows.net', TWIN_CHANGES_EVENT_HUB: 'a', TWIN_CHANGES_CONNECTION__clientId: 'me' },
      'TWIN_CHANGES_CONNECTION__clientId',
    ],
    [
      'another credential',
      {
        [namespace]: 'c.servicebus.windows.net',
        TWIN_CHANGES_EVENT_HUB: 'a',
        TWIN_CHANGES_CONNECTION__credential: 'key',
      },
      'TWIN_CHANGES_CONNECTION__credential',
    ],
    [
      'a reference to a secret that was not resolved',
      { TWIN_CHANGES_CONNECTION: '@Microsoft.KeyVault(VaultName=v;SecretName=s)' },
      'TWIN_CHANGES_CONNECTION',
    ],
  ])('is refused with %s, in one problem, and not registered', (_what, env, setting) => {
    expect(problemsOf(env)).toEqual([setting]);
    expect(read(env)).not.toHaveProperty('twinChanges');
  });

  test('warns of a built-in endpoint by managed identity', () => {
    const result = read({ [namespace]: 'iothub-ns-contoso-1-abc.servicebus.windows.net', TWIN_CHANGES_EVENT_HUB: 'a' });
    expect(result.ok && result.config.warnings.map(({ setting }) => setting)).toEqual([namespace]);
  });
});
