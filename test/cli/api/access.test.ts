import { describe, expect, test } from '@jest/globals';
import { readAccess } from '../../../cli/api/access.ts';

const key = 'abcDEF-123_secret==';

describe('readAccess', () => {
  test.each([
    ['https://contoso.azurewebsites.net', 'https://contoso.azurewebsites.net'],
    [' https://contoso.azurewebsites.net/api/ ', 'https://contoso.azurewebsites.net'],
    ['http://127.0.0.1:7071', 'http://127.0.0.1:7071'],
    ['http://localhost:7071/', 'http://localhost:7071'],
    ['https://gateway.contoso.com/keeper/api', 'https://gateway.contoso.com/keeper'],
  ])('reads KEEPER_URL %j as %s', (written, url) => {
    expect(readAccess({ KEEPER_URL: written, KEEPER_KEY: ` ${key}\n` })).toEqual({ url, key });
  });

  test('needs no key', () => {
    expect(readAccess({ KEEPER_URL: 'http://192.168.0.7:7071', KEEPER_KEY: '' })).toMatchObject({ key: undefined });
  });

  test.each([
    ['', 'KEEPER_URL is not set'],
    ['contoso.azurewebsites.net', 'write it with https://'],
    ['ftp://contoso', 'write it with https://'],
    [`https://contoso.azurewebsites.net/api?code=${key}`, 'write the key into KEEPER_KEY'],
    [`https://user:${key}@contoso.azurewebsites.net`, 'write the key into KEEPER_KEY'],
    ['http://contoso.azurewebsites.net', 'everybody on the way could read the key'],
  ])('refuses KEEPER_URL %j and quotes no key', (url, message) => {
    const read = () => readAccess({ KEEPER_URL: url, KEEPER_KEY: key });
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret/);
  });

  test('refuses a KEEPER_KEY with characters that no key has, and does not quote it', () => {
    const read = () => readAccess({ KEEPER_URL: 'https://contoso.azurewebsites.net', KEEPER_KEY: 'secret\u00a0key' });
    expect(read).toThrow('KEEPER_KEY holds characters');
    expect(read).not.toThrow(/secret/);
  });
});
