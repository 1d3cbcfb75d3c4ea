import { describe, expect, test } from '@jest/globals';
import { hostKeys, keyCheck } from '../../../local/host/hostKeys.ts';

const keys = hostKeys('a secret of this test');

describe('the check of keys', () => {
  test('refuses a text as long as a key whose characters need more bytes', () => {
    const code = 'é'.repeat(keys.host.length);
    const url = new URL(`http://localhost/api/work?code=${encodeURIComponent(code)}`);
    const call = { method: 'GET', url, headers: {}, readBody: async () => Buffer.alloc(0) };
    expect(keyCheck(keys).function(call, 'work', 'function')).toEqual({ status: 401 });
    expect(keyCheck(keys).admin(call)).toMatchObject({ status: 401 });
  });
});
