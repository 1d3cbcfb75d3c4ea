import { expect, test } from '@jest/globals';
import { benchSize } from '../../../bench/worker/benchSize.ts';

test('benchSize returns 1 by default, and the given number otherwise', () => {
  expect(benchSize(undefined)).toBe(1);
  expect(benchSize('0.25')).toBe(0.25);
});

test.each(['', '0', '-1', 'much', 'Infinity'])('benchSize refuses "%s" and says what to write', (text) => {
  expect(() => benchSize(text)).toThrow(/BENCH_SIZE must be a number above 0, such as/);
});
