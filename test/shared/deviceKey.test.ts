import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeviceId } from '../../shared/deviceKey.ts';

describe('isDeviceId', () => {
  test.each(['a', "a'b", '50%_#1?', 'x*(y)!$@=;,:.+', '-', '...', '.a', '$edge', '%2F', 'x'.repeat(128)])(
    'accepts %s',
    (id) => {
      expect(isDeviceId(id)).toBe(true);
    },
  );

  test.each([
    '',
    '.',
    '..',
    'x'.repeat(129),
    'a b',
    ' a',
    'a\n',
    '\na',
    'a/b',
    'a\\b',
    'a"b',
    'a<b',
    'ä',
    'a\u0000',
    'a\u2028',
    '＊',
  ])('refuses %j', (id) => {
    expect(isDeviceId(id)).toBe(false);
  });

  test.each([undefined, null, 7, true, {}, [], ['a'], new String('a')])('refuses %p, which is not a string', (id) => {
    expect(isDeviceId(id)).toBe(false);
  });

  test('accepts only ASCII letters, digits and the documented characters', () => {
    const legal = new Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-:.+%_#*?!(),=@;$'");
    const bits = fc.string({ unit: 'binary', maxLength: 140, size: 'max' });
    const ascii = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.oneof(bits, ascii), (text) => {
        const expected = text.length >= 1 && text.length <= 128 && [...text].every((char) => legal.has(char));
        expect(isDeviceId(text)).toBe(expected && text !== '.' && text !== '..');
      }),
      { numRuns: 1_000 },
    );
  });
});
