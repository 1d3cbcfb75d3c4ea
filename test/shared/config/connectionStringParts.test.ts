import { describe, expect, test } from '@jest/globals';
import { connectionStringParts } from '../../../shared/config/connectionStringParts.ts';

describe('the parts of a connection string', () => {
  test('have lower-case names and keep the `=` of a base64 value', () => {
    expect([...(connectionStringParts(' HostName = a.b ; ;Key=eA==; ') ?? [])]).toEqual([
      ['hostname', 'a.b'],
      ['key', 'eA=='],
    ]);
  });

  test.each(['HostName', '=x', ' =x', 'HostName=a; =x'])(
    'do not exist in %j, where a part has no name or no value',
    (text) => {
      expect(connectionStringParts(text)).toBeUndefined();
    },
  );
});
