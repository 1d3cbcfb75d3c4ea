import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessage, encodeMessage, outputMessages } from '../../../local/host/queueMessage.ts';

describe('a queue message', () => {
  test('a queue message is decoded as it was encoded, in both encodings', () => {
    const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());
    fc.assert(
      fc.property(text, fc.constantFrom('base64' as const, 'none' as const), (value, encoding) => {
        expect(decodeMessage(encodeMessage(value, encoding), encoding)).toBe(value);
      }),
    );
  });
  test.each(['{"hub":"contoso"}', 'abc', 'YQ=', '====', 'YQ==YQ=='])('the message %s is not base64', (stored) => {
    expect(decodeMessage(stored, 'base64')).toBeUndefined();
  });
});

describe('a queue output', () => {
  test.each([
    ['nothing', undefined, []],
    ['null', null, []],
    ['a text', { string: 'a' }, ['a']],
    ['a text that looks like a list', { string: '["a"]' }, ['["a"]']],
    ['an object', { json: '{"a":[]}' }, ['{\n  "a": []\n}']],
    ['a list', { json: '["a",{"b":2},3]' }, ['a', '{\n  "b": 2\n}', '3']],
    ['an empty list', { json: '[]' }, []],
    ['a number', { int: 5 }, ['5']],
    ['a fraction', { double: 0.5 }, ['0.5']],
    ['bytes', { bytes: new Uint8Array([1, 2]) }, [new Uint8Array([1, 2])]],
  ])('of %s (%j) becomes the messages %j', (_name, data, messages) => {
    expect(outputMessages(data)).toEqual(messages);
  });
});
