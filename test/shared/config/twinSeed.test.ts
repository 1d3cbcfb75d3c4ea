import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTwinKey, twinSeedProblems } from '../../../shared/config/twinSeed.ts';

function nested(levels: number): Record<string, unknown> {
  return levels === 0 ? { leaf: 1 } : { level: nested(levels - 1) };
}

describe('twinSeedProblems', () => {
  test('returns none for a valid seed', () => {
    const seed = { interval: { seconds: 60 }, on: true, name: 'ä', list: [1, 'two', { three: 3 }] };
    expect(twinSeedProblems('desired', seed)).toEqual([]);
    expect(twinSeedProblems('tags', {})).toEqual([]);
  });

  test('accepts 8 KB of tags and 32 KB of desired properties, and not one byte more', () => {
    // Eight entries with a key of two bytes each; with its value an entry has 1 KB (tags) or 4 KB (desired properties).
    const seed = (valueBytes: number) =>
      Object.fromEntries([...'abcdefgh'].map((key) => [`${key}1`, 'x'.repeat(valueBytes)]));
    expect(twinSeedProblems('tags', seed(1022))).toEqual([]);
    expect(twinSeedProblems('tags', { ...seed(1022), a1: 'x'.repeat(1023) })).toEqual([
      { path: [], message: 'has 8193 bytes; a twin has at most 8192 bytes of tags' },
    ]);
    expect(twinSeedProblems('desired', seed(4094))).toEqual([]);
    expect(twinSeedProblems('desired', { ...seed(4094), a1: 'x'.repeat(4095) })).toEqual([
      { path: [], message: 'has 32769 bytes; a twin has at most 32768 bytes of desired' },
    ]);
  });

  test('accepts strings of at most 4 KB in UTF-8', () => {
    expect(twinSeedProblems('desired', { a: 'ä'.repeat(2048) })).toEqual([]);
    expect(twinSeedProblems('desired', { a: { b: ['ä'.repeat(2049)] } }).map(({ path }) => path)).toEqual([
      ['a', 'b', 0],
    ]);
  });

  test('accepts ten levels of objects and refuses eleven', () => {
    expect(twinSeedProblems('desired', nested(10))).toEqual([]);
    expect(twinSeedProblems('desired', nested(11)).map(({ message }) => message)).toEqual([
      'is nested too deeply; a twin has at most 10 levels',
    ]);
  });

  test('refuses null, and integers of more than 52 bits', () => {
    const seed = { a: null, b: 4_503_599_627_370_496, c: 4_503_599_627_370_495, d: -4_503_599_627_370_496, e: 1e300 };
    expect(twinSeedProblems('tags', seed).map(({ path }) => path)).toEqual([['a'], ['b'], ['e']]);
  });

  test('reports invalid keys with their path', () => {
    const seed = { 'a.b': { ok: 1, 'not ok': 2 } };
    expect(twinSeedProblems('tags', seed).map(({ path }) => path)).toEqual([['a.b'], ['a.b', 'not ok']]);
  });

  test('does not throw for any JSON object', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (seed) =>
        Array.isArray(twinSeedProblems('tags', seed)),
      ),
    );
  });
});

describe('isTwinKey', () => {
  test.each(['a', 'a-b_c', 'ä', '__x'])('accepts %s', (key) => {
    expect(isTwinKey(key)).toBe(true);
  });

  test.each(['', 'a.b', '$version', 'a#', 'a b', 'a\u0000', 'a\u0085'])('refuses %j', (key) => {
    expect(isTwinKey(key)).toBe(false);
  });

  test('accepts keys of at most 1,024 bytes in UTF-8', () => {
    for (const longest of ['k'.repeat(1024), 'ä'.repeat(512)]) expect(isTwinKey(longest)).toBe(true);
    for (const tooLong of ['k'.repeat(1025), 'ä'.repeat(513)]) expect(isTwinKey(tooLong)).toBe(false);
  });
});
