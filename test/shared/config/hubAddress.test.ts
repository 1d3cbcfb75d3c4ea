import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostNameProblem, hubHost, hubNameOfHost, hubNameProblem } from '../../../shared/config/hubAddress.ts';
import { readHubConnectionString } from '../../../shared/config/hubConnectionString.ts';

const key = Buffer.from('secret').toString('base64');

describe('hostNameProblem', () => {
  test.each([
    'contoso.azure-devices.net',
    'contoso.service.azure-devices.net',
    'device.azure-devices.net',
    'contoso.device.example.com',
    'a.b',
    'localhost',
    'LOCALHOST:1',
    '127.0.0.1:8443',
    'emulator:8443',
    'x-1.y:65535',
  ])('accepts %s', (text) => {
    expect(hostNameProblem(text)).toBeUndefined();
  });

  test.each([
    ['https://contoso.azure-devices.net', 'scheme'],
    ['HTTPS://x', 'scheme'],
    ['contoso.azure-devices.net/', 'only the host name'],
    ['contoso.azure-devices.net?x=1', 'only the host name'],
    ['user@contoso.net', 'only the host name'],
    ['contoso', 'whole host name'],
    ['', 'a host name'],
    ['.net', 'a host name'],
    ['a..b', 'a host name'],
    ['-a.b', 'a host name'],
    ['a_b.c', 'a host name'],
    ['a b.c', 'a host name'],
    ['[::1]:8443', 'a host name'],
    ['contoso.device.azure-devices.net', 'contoso.service.azure-devices.net'],
    ['Contoso.Device.azure-devices.CN:443', 'for devices'],
    ['a.b:', 'port'],
    ['a.b:0', 'port'],
    ['a.b:65536', 'port'],
    ['a.b:1:2', 'port'],
    ['a.b:8443x', 'port'],
  ])('refuses "%s" with the message: %s', (text, word) => {
    expect(hostNameProblem(text)).toContain(word);
  });

  test('accepts only texts that are the host of a URL', () => {
    const host = fc.oneof(fc.domain(), fc.ipV4(), fc.string({ unit: fc.constantFrom(...'aZ0-.:[]@/\\?#% ') }));
    fc.assert(
      fc.property(host, (text) => {
        if (hostNameProblem(text) !== undefined) return true;
        const url = new URL(`https://${text}`);
        return url.pathname === '/' && url.username === '' && url.search === '' && url.hash === '';
      }),
      { numRuns: 2_000, examples: [['a.0']] },
    );
  });
});

describe('hubHost', () => {
  test.each([
    ['contoso.azure-devices.net', 'Contoso.Service.azure-devices.net', true],
    ['contoso.azure-devices.us', 'contoso.azure-devices.us:443', true],
    ['contoso.azure-devices.net', 'contoso.azure-devices.us', false],
    ['contoso.service.example.com', 'contoso.example.com', false],
    ['localhost:8443', 'localhost:8444', false],
    ['service.azure-devices.net', 'azure-devices.net', false],
  ])('of %s and of %s is the same: %s', (one, other, same) => {
    expect(hubHost(one) === hubHost(other)).toBe(same);
  });
});

describe('hubNameOfHost', () => {
  test('returns the first label, and undefined for localhost and IP addresses', () => {
    expect(hubNameOfHost('Contoso.azure-devices.net:8443')).toBe('contoso');
    expect(hubNameOfHost('contoso.service.azure-devices.net')).toBe('contoso');
    expect(hubNameOfHost('emulator:8443')).toBe('emulator');
    expect(hubNameOfHost('localhost:8443')).toBeUndefined();
    expect(hubNameOfHost('127.0.0.1')).toBeUndefined();
  });
});

describe('hubNameProblem', () => {
  test('accepts exactly the names that make a valid queue name', () => {
    // "Naming Queues and Metadata": 3 to 63, letters and digits at both ends, no two dashes together.
    const legal = (queue: string) =>
      queue.length >= 3 && queue.length <= 63 && /^[a-z0-9][a-z0-9-]*[a-z0-9]$/.test(queue) && !queue.includes('--');
    const name = fc.string({ unit: fc.constantFrom('a', '7', '-', 'A', '.', '/'), maxLength: 60 });
    fc.assert(
      fc.property(name, (text) => (hubNameProblem(text) === undefined) === (text !== '' && legal(`pending-${text}`))),
    );
    expect(hubNameProblem('a'.repeat(55))).toBeUndefined();
    expect(hubNameProblem('a'.repeat(56))).toContain('1 to 55');
  });
});

describe('readHubConnectionString', () => {
  test('ignores white space, case and order, and returns only the three parts', () => {
    const text = ` sharedaccesskey = ${key} ; HOSTNAME=a.b;SharedAccessKeyName=p;GatewayHostName=x;`;
    expect(readHubConnectionString(text)).toEqual({
      ok: true,
      hostName: 'a.b',
      connectionString: `HostName=a.b;SharedAccessKeyName=p;SharedAccessKey=${key}`,
    });
  });

  test.each([
    [`HostName=a.b;DeviceId=d;SharedAccessKey=${key}`, 'of a device'],
    [`Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=p;SharedAccessKey=${key}`, 'Event Hubs compatible'],
    [`DefaultEndpointsProtocol=https;AccountName=a;AccountKey=${key}`, 'of a storage account'],
    ['HostName=a.b;SharedAccessKeyName=p;SharedAccessSignature=sr', 'a token'],
    ['HostName=a.b', 'has no SharedAccessKeyName and no SharedAccessKey'],
    [`HostName=;SharedAccessKeyName=p;SharedAccessKey=${key}`, 'has no HostName'],
    ['HostName=a.b;SharedAccessKeyName=p;SharedAccessKey=<key>', 'not base64'],
    ['HostName=a.b;SharedAccessKeyName=p;SharedAccessKey=c2VjcmV0c', 'not base64'],
    ['a.b', 'not a connection string'],
    ['=x', 'not a connection string'],
  ])('refuses %s with the message: %s', (text, words) => {
    const read = readHubConnectionString(text);
    expect(read).toMatchObject({ ok: false, message: expect.stringContaining(words) });
    expect(JSON.stringify(read)).not.toContain(key);
  });
});
