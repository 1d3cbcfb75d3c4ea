import { expect, test } from '@jest/globals';
import { benchSize } from '../../../bench/worker/benchSize.ts';

test('a benchmark has its default size unless told otherwise', () => {
  expect(benchSize(undefined)).toBe(1);
  expect(benchSize('0.25')).toBe(0.25);
});

test.each(['', '0', '-1', 'much', 'Infinity'])('a size of "%s" is refused with a word on what to write', (text) => {
  expect(() => benchSize(text)).toThrow(/BENCH_SIZE must be a number above 0, such as/);
});
