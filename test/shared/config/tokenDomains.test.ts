import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readConfig } from '../../../shared/config/readConfig.ts';
import { readTokenDomains, tokenHostProblem } from '../../../shared/config/tokenDomains.ts';

const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
const wrongHost = expect.stringMatching(/is not a host of an IoT hub .*HUB_TOKEN_DOMAINS/);

describe('a token of the identity', () => {
  test.each([
    'contoso.azure-devices.net',
    'CONTOSO.Azure-Devices.NET',
    'contoso.service.azure-devices.net',
    'contoso.azure-devices.us',
    'contoso.azure-devices.cn:443',
    'localhost:8443',
    '127.0.0.1:8443',
    '127.1.2.3',
  ])('may go to %s', (host) => {
    expect(tokenHostProblem(host, [])).toBeUndefined();
  });

  test.each([
    'contoso.azure-device.net',
    'contoso.azure-devices.net.example.com',
    'contoso.azuredevices.net',
    'contosoazure-devices.net',
    'azure-devices.net',
    'contoso.azure-devices.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '10.0.0.4',
    'emulator:8443',
  ])('does not go to %s', (host) => {
    expect(tokenHostProblem(host, [])).toEqual(wrongHost);
  });

  test('a token is not sent to a host whose domain has one wrong, extra or missing letter', () => {
    const domain = 'azure-devices.net';
    const place = fc.nat({ max: domain.length - 1 });
    const letter = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789');
    fc.assert(
      fc.property(place, letter, fc.constantFrom(0, 1), fc.constantFrom(true, false), (at, added, cut, adds) => {
        const typed = domain.slice(0, at) + (adds ? added : '') + domain.slice(at + cut);
        fc.pre(typed !== domain && !typed.endsWith(`.${domain}`));
        expect(tokenHostProblem(`contoso.${typed}`, [])).toEqual(typed === domain ? undefined : wrongHost);
      }),
    );
  });

  test('a token is sent to the domains that the setting adds, and to their hosts', () => {
    const domains = readTokenDomains(' iot.Contoso.com, hub.example, emulator,net ', () => undefined);
    expect(domains).toEqual(['iot.contoso.com', 'hub.example', 'emulator', 'net']);
    expect(tokenHostProblem('IOT.contoso.com:8443', domains)).toBeUndefined();
    expect(tokenHostProblem('one.iot.contoso.com', domains)).toBeUndefined();
    expect(tokenHostProblem('otheriot.contoso.com', domains)).toEqual(wrongHost);
    expect(tokenHostProblem('contoso.com', domains)).toEqual(wrongHost);
    expect(tokenHostProblem('emulator:8443', domains)).toBeUndefined();
    expect(tokenHostProblem('contoso.azure-device.net', domains)).toEqual(wrongHost);
  });

  test.each(['https://iot.contoso.com', '*.contoso.com', 'a.com,', '.contoso.com', 'a.com:443'])(
    'the setting refuses %s',
    (text) => {
      const reported: string[] = [];
      readTokenDomains(text, (setting, message) => reported.push(`${setting} ${message}`));
      expect(reported).toEqual([expect.stringMatching(/^HUB_TOKEN_DOMAINS write host names .*: entry \d is invalid$/)]);
    },
  );
});

describe('a hub at another host', () => {
  const typo = 'contoso.azure-device.net';
  const key = Buffer.from('secret').toString('base64');

  test('a hub of another domain with a managed identity is a problem of the settings', () => {
    expect(readConfig({ ...storage, IOTHUB_HOSTNAME: typo })).toMatchObject({
      ok: false,
      problems: [{ setting: 'IOTHUB_HOSTNAME', message: wrongHost }],
    });
  });

  test('in HUBS is out of service, and the other hubs are not', () => {
    const HUBS = JSON.stringify([{ hostName: typo }, { hostName: 'fabrikam.azure-devices.net' }]);
    expect(readConfig({ ...storage, HUBS })).toMatchObject({
      ok: true,
      config: {
        hubs: [{ name: 'fabrikam' }],
        outOfService: [{ name: 'contoso', problems: [{ setting: 'HUBS[0].hostName', message: wrongHost }] }],
      },
    });
  });

  test('is served if the setting names its domain', () => {
    const env = { ...storage, IOTHUB_HOSTNAME: typo, HUB_TOKEN_DOMAINS: 'azure-device.net' };
    expect(readConfig(env)).toMatchObject({ ok: true, config: { hubs: [{ hostName: typo }] } });
  });

  test('is served by its own key', () => {
    const connectionString = `HostName=${typo};SharedAccessKeyName=p;SharedAccessKey=${key}`;
    expect(readConfig({ ...storage, IOTHUB_CONNECTION_STRING: connectionString })).toMatchObject({ ok: true });
  });
});
